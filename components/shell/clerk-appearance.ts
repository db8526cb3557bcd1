/**
 * Clerk's parts in the colours of the design. They are CSS variables, so both themes come from app/globals.css and a
 * switch of theme reaches Clerk's windows, too.
 */
export const clerkAppearance = {
  variables: {
    colorPrimary: "var(--solid)",
    colorPrimaryForeground: "var(--on-solid)",
    colorForeground: "var(--ink)",
    colorMuted: "var(--side)",
    colorMutedForeground: "var(--ink-2)",
    colorNeutral: "var(--ink)",
    colorBackground: "var(--raised)",
    colorInput: "var(--card)",
    colorInputForeground: "var(--ink)",
    colorBorder: "var(--ink)",
    colorRing: "var(--accent)",
    colorDanger: "var(--bad)",
    colorSuccess: "var(--good)",
    colorWarning: "var(--warn)",
    colorShadow: "transparent",
    colorModalBackdrop: "var(--shade)",
    fontFamily: "inherit",
    fontSize: "0.875rem",
    borderRadius: "0.5rem",
  },
  elements: {
    cardBox: { border: "1px solid var(--line)", boxShadow: "none" },
    card: { boxShadow: "none" },
    footer: { background: "var(--side)" },
    formButtonPrimary: { boxShadow: "none", height: "36px", "&::after": { display: "none" } },
    formFieldInput: {
      height: "36px",
      boxShadow: "none",
      border: "1px solid var(--line-strong)",
      "&:focus-visible": { outline: "2px solid var(--accent)", outlineOffset: "-1px", boxShadow: "none" },
    },
    formFieldInputShowPasswordButton: { minWidth: "24px", minHeight: "24px" },
    popoverBox: { border: "1px solid var(--line)", boxShadow: "none" },
  },
} as const;

/** The switcher and the user button fill the rows that the sidebar keeps for them, so nothing moves when they come. */
export const switcherElements = {
  rootBox: { display: "flex", width: "100%", minWidth: "0" },
  organizationSwitcherTrigger: {
    width: "100%",
    height: "44px",
    padding: "0 8px",
    justifyContent: "space-between",
    color: "var(--ink)",
    borderRadius: "10px",
    "&:hover": { background: "var(--hover)" },
  },
  organizationPreviewMainIdentifier: { fontSize: "14px", fontWeight: "500", color: "var(--ink)" },
  userPreviewMainIdentifier: { fontSize: "14px", fontWeight: "500", color: "var(--ink)" },
  organizationPreviewSecondaryIdentifier: { display: "none" },
} as const;

export const userButtonElements = {
  rootBox: { display: "flex", width: "100%", minWidth: "0" },
  userButtonTrigger: {
    width: "100%",
    height: "44px",
    padding: "0 8px",
    borderRadius: "10px",
    justifyContent: "flex-start",
    "&:hover": { background: "var(--hover)" },
  },
  userButtonBox: { flexDirection: "row-reverse", gap: "10px" },
  userButtonOuterIdentifier: { fontSize: "14px", color: "var(--ink-2)", padding: "0" },
  userButtonAvatarBox: { width: "24px", height: "24px" },
} as const;
