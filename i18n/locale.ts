/**
 * The one language for now. Another one is another file in messages/ and a choice here.
 * The locale decides how dates and numbers are written.
 */
export const locale = "en-GB";
