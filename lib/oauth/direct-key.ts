/**
 * The integration key of attempts and connections that go without Nango. Nango's own keys hold no slash, so the two can
 * never be taken for each other; the migrations go by the same prefix. Safe in the browser.
 */
const PREFIX = "direct/";

export const directKey = (slug: string): string => `${PREFIX}${slug}`;

export const isDirectKey = (integrationKey: string): boolean => integrationKey.startsWith(PREFIX);
