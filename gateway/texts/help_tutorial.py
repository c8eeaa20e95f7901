"""The tutorial of the first ten minutes: (title en, title zh, body en, body zh). docs/tutorial-first-partner.md is
the same
text, and a test runs its commands as they stand."""

_COMMANDS = (
    """\
gateway init acme --gln 4012345000009 --name "Acme Trading"
cd acme
gateway items add 04006381333931 --name "Pen" --sales-price 1.20
""",
    """\
cat > ../order.csv <<END
order no;order date;buyer gln;supplier gln;delivery date;line no;item ean;quantity;price
4711;2026-11-20;5012345000008;4012345000009;2026-12-04;1;4006381333931;24;1.20
END
gateway partners add --sample ../order.csv --id corner-shop --name "Corner Shop" --gln 5012345000008
gateway check
""",
    """\
gateway run &
mkdir -p var/folders/corner-shop/in
cp ../order.csv var/folders/corner-shop/in/
until gateway messages list | grep 4711; do sleep 1; done
""",
    """\
gateway partners checklist corner-shop
gateway partners go-live corner-shop --reason "The tutorial"
gateway orders list
""",
    """\
gateway users invite maria@corner-shop.example --partner corner-shop
""",
)
_EN = """\
From nothing to a partner whose orders are read, in one shell. You need the package installed (`gateway --help` answers)
and an empty folder.

## 1. An instance

Our company, its first item. Everything of the instance is in the folder `acme`.

```
{0}```

## 2. A partner from its own file

Corner Shop sends a CSV of its own making. The gateway recognises what it is, drafts a mapping from names and values,
and writes `partners/corner-shop/`. The partner begins in test mode.

```
{1}```

## 3. A document on its way

Start the gateway; Corner Shop puts a file into its folder. The order is read, marked as a test, and changes nothing.

```
{2}```

In the console (`gateway login-link` prints the way in) the message shows each value beside the place in the file it
came from.

## 4. Live

The checklist is computed from facts. What is open needs a reason. From now on orders count.

```
{3}```

## 5. The partner's own people

The link works once, within seven days. In the portal they see their documents, check files, and work without EDI.

```
{4}```
"""
_ZH = """\
从零开始，在一个命令行窗口内接入可读取订单的伙伴。前提：已安装软件包（`gateway --help` 可用），并有一个空文件夹。

## 1. 实例

本公司及首个商品。实例的全部内容位于文件夹 `acme`。

```
{0}```

## 2. 用伙伴自己的文件建立伙伴

Corner Shop 发送自有格式的 CSV。网关识别其内容，按名称和值草拟映射，并写入 `partners/corner-shop/`。伙伴从测试模式开始。

```
{1}```

## 3. 第一份单据

启动网关；Corner Shop 将文件放入其文件夹。订单被读取，带测试标记，不产生任何影响。

```
{2}```

在控制台（`gateway login-link` 输出登录链接）中，报文的每个值旁均显示其在文件中的来源位置。

## 4. 上线

检查清单由事实计算；未完成项须说明理由。此后订单正式生效。

```
{3}```

## 5. 伙伴的人员

链接七天内有效，仅可使用一次。在门户中可查看单据、检查文件，并可在没有 EDI 的情况下工作。

```
{4}```
"""
TUTORIAL: tuple[str, str, str, str] = (
    "First partner in ten minutes",
    "十分钟接入首个伙伴",
    _EN.format(*_COMMANDS),
    _ZH.format(*_COMMANDS),
)
COMMANDS = _COMMANDS
