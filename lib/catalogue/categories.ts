/**
 * The twelve categories of the catalogue, in the order in which pages show them.
 * Labels are the English defaults; pages read theirs from the message files by key.
 */
export const categories = [
  { key: "communication", label: "Communication & collaboration" },
  { key: "crm", label: "CRM & sales" },
  { key: "project-management", label: "Project management" },
  { key: "files", label: "Files & cloud" },
  { key: "e-commerce", label: "E-commerce" },
  { key: "social", label: "Social media" },
  { key: "analytics", label: "Analytics & data" },
  { key: "development", label: "Development" },
  { key: "ai", label: "AI" },
  { key: "notes", label: "Notes" },
  { key: "calendar", label: "Calendar" },
  { key: "payments", label: "Payments" },
] as const;

export type CategoryKey = (typeof categories)[number]["key"];

export const categoryKeys = categories.map((category) => category.key) as [CategoryKey, ...CategoryKey[]];
