"""planning.yaml: suppliers whose goods are bought for shops, and suppliers who plan for us."""

from gateway.config.fields import Problems
from gateway.config.planning import FILE, read_planning
from gateway.model.planning import PlanAgreement, SupplierPlan

WAREHOUSE = "4099900000018"


def read(*lines: str) -> tuple[PlanAgreement, list[str]]:
    """Return the agreement, and the values that are wrong."""
    problems = Problems(FILE)
    text = "\n".join(["agreements:", "  - id: own", "    method: purchase", *(f"    {each}" for each in lines), ""])
    (found,) = read_planning(text, problems, WAREHOUSE, {"farm", "mill"}).agreements
    return found, [str(each.value) for each in problems.findings]


def test_who_is_cross_docked_and_who_plans_is_read() -> None:
    found, wrong = read(
        "cross_dock: [mill]", "supplier_plans: [{supplier: farm, mode: cmi, report_days: [mon, thu], sales_days: 14}]"
    )
    assert wrong == []
    assert found.cross_dock == ("mill",)
    assert found.planned_by("farm") == SupplierPlan(supplier="farm", mode="cmi", report_days=(1, 4), sales_days=14)
    assert found.planned_by("mill") is None


def test_a_supplier_is_one_of_both_and_known() -> None:
    assert read("cross_dock: [farm]", "supplier_plans: [{supplier: farm}]")[1] == ["farm"]
    assert read("cross_dock: [nobody]")[1] == ["nobody"]
    assert read("supplier_plans: [{supplier: farm, mode: jmi}]")[1] == ["jmi"]
