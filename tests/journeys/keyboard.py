"""A person without a mouse: Tab, Enter, the space bar and letters, nothing else."""

from playwright.async_api import Page

MOST_TABS = 150
NAME = """() => { const at = document.activeElement; if (!at) return ""; const label = at.labels?.[0];
  return (at.getAttribute("aria-label") ?? label?.textContent ?? at.textContent ?? "").replace(/\\s+/g, " ").trim(); }"""


async def tab_to(page: Page, name: str, *, within: bool = False) -> None:
    """Go on with Tab until what has that name has the focus, or (within) what has it as a part of its name."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        found = await page.evaluate(NAME)
        if found == name or (within and name in found):
            return
    raise AssertionError(f"Tab never comes to {name}")


async def enter(page: Page, name: str, *, within: bool = False) -> None:
    await tab_to(page, name, within=within)
    await page.keyboard.press("Enter")


async def fill(page: Page, name: str, text: str, *, within: bool = False) -> None:
    await tab_to(page, name, within=within)
    await page.keyboard.press("Control+A")
    await page.keyboard.type(text)
