"""What goes wrong with the methods of replenishment: offers that a customer answers, delivery schedules, cross docks."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "plan.customer-answers": Entry(
        severity="warning",
        owner="partner",
        en="We have proposed this; the customer decides whether it becomes an order.",
        zh="这是我方的补货建议，由客户决定是否成为订单。",
        cure_en="Wait for the answer, or ask for it; what the customer says by phone is entered here, line by line.",
        cure_zh="请等待或催促客户答复；客户电话答复时，可在此逐行录入。",
    ),
}
