"""api.*: the JSON interface; access.*: who may do what."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "api.bad-cursor": Entry(
        owner="us",
        en="The cursor {value} does not belong to this list.",
        zh="游标 {value} 不属于此列表。",
        cure_en="Start from the first page and follow the “next” cursor as it was given.",
        cure_zh="请从第一页开始，并原样使用返回的“next”游标。",
    ),
    "api.bad-value": Entry(
        owner="us",
        en="{name} cannot be {value}.",
        zh="{name} 不能为 {value}。",
        cure_en="Use one of: {expected}.",
        cure_zh="请使用以下之一：{expected}。",
    ),
    "api.bad-body": Entry(
        owner="us",
        en="The body is not the JSON object that is expected here.",
        zh="请求正文不是此处所需的 JSON 对象。",
        cure_en="Send a JSON object as described in /api/v1/openapi.json, or no body at all.",
        cure_zh="请按 /api/v1/openapi.json 的说明发送 JSON 对象，或不发送正文。",
    ),
    "api.not-found": Entry(
        owner="us",
        en="There is no {kind} {value}.",
        zh="不存在{kind} {value}。",
        cure_en="Check the identifier, or look for it in the list of messages.",
        cure_zh="请核对标识，或在消息列表中查找。",
    ),
    "api.no-such-address": Entry(
        owner="us",
        en="There is nothing at this address.",
        zh="此地址没有内容。",
        cure_en="Check the address. /api/v1/openapi.json lists every address of the interface.",
        cure_zh="请核对地址。/api/v1/openapi.json 列出了所有接口地址。",
    ),
    "api.refused": Entry(
        owner="us",
        en="The request was refused (HTTP status {status}).",
        zh="请求被拒绝（HTTP 状态 {status}）。",
        cure_en="Check method and size of the request against /api/v1/openapi.json.",
        cure_zh="请按 /api/v1/openapi.json 核对请求方法和大小。",
    ),
    "api.internal": Entry(
        owner="us",
        en="Something went wrong on our side.",
        zh="我方系统出现错误。",
        cure_en="Try again. If it happens again, look for this time in the log of the gateway and report it.",
        cure_zh="请重试。若再次出现，请按此时间查看网关日志并报告。",
    ),
    "access.not-signed-in": Entry(
        owner="us",
        en="You are not signed in, or your session has ended.",
        zh="您尚未登录，或会话已结束。",
        cure_en="Open a fresh one-time link (gateway login-link), or send an API key as a Bearer token.",
        cure_zh="请打开新的一次性登录链接（gateway login-link），或以 Bearer 令牌发送 API 密钥。",
    ),
    "access.forbidden": Entry(
        owner="us",
        en="Your role {role} does not include {permission}.",
        zh="您的角色 {role} 不包含权限 {permission}。",
        cure_en="Ask an administrator to do it or to change your role.",
        cure_zh="请联系管理员代为操作或调整您的角色。",
    ),
    "access.csrf": Entry(
        owner="us",
        en="The form is too old or did not come from this console.",
        zh="表单已过期，或并非来自本控制台。",
        cure_en="Go back, reload the page and send the form again.",
        cure_zh="请返回并刷新页面后重新提交表单。",
    ),
    "access.link-used": Entry(
        owner="us",
        en="This sign-in link has been used already, or is too old.",
        zh="该登录链接已被使用或已过期。",
        cure_en="Make a fresh one with: gateway login-link",
        cure_zh="请用命令 gateway login-link 生成新的链接。",
    ),
    "access.role-unknown": Entry(
        owner="us",
        en="{value} is not a role that can be given here.",
        zh="{value} 不是此处可授予的角色。",
        cure_en="Use admin, operator, planner, account-manager or auditor; partner only together with a partner id.",
        cure_zh="请使用 admin、operator、planner、account-manager 或 auditor；partner 必须同时给出合作伙伴标识。",
    ),
    "access.user-exists": Entry(
        owner="us",
        en="There is a user {value} already.",
        zh="用户 {value} 已存在。",
        cure_en="Choose another name, or make a login link for the existing user.",
        cure_zh="请换一个名称，或为现有用户生成登录链接。",
    ),
    "access.user-unknown": Entry(
        owner="us",
        en="There is no user {value}.",
        zh="用户 {value} 不存在。",
        cure_en="Check the spelling, or add the user first.",
        cure_zh="请核对拼写，或先添加该用户。",
    ),
}
