import type { Page } from 'playwright-core';
import { atRest } from './world';

// Where every page has texts of its own.
export const kTexts = '.pf-v6-c-nav a, [role=tab], label, h2, h3, .pf-v6-c-expandable-section__toggle-text';
export const kMore = '.pf-v6-c-nav a, h1 + a, th, dt, .pf-v6-c-expandable-section__toggle-text, .pf-v6-c-toggle-group__text, .pf-v6-c-empty-state button, .ms-reason, .pf-v6-c-checkbox label';

// Texts at these places that did not come out of the catalogue: the pseudo-locale puts those into brackets.
export const plainOn = async (page: Page, what: string): Promise<string[]> => {
  await atRest(page);
  return (await page.locator(what).allInnerTexts()).filter((text) => text.trim() !== '' && !/\[.*\]/s.test(text));
};
