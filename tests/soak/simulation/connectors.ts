import { manifests } from "@/lib/catalogue/manifests";

/**
 * The connectors of the simulation: keys and sign-ins, with and without renewal, some telling whose account it is.
 */
export type Shape = {
  slug: string;
  /** How a person signs in. */
  by: "key" | "password" | "consent";
  /** Whether its test says whose account it is. */
  tells: boolean;
  /** What a consent leads to. */
  kinds: ("lasting" | "renewable" | "ending")[];
};

export const shapes: Shape[] = [
  { slug: "openai", by: "key", tells: false, kinds: [] },
  { slug: "sendgrid", by: "key", tells: false, kinds: [] },
  { slug: "twilio", by: "password", tells: true, kinds: [] },
  { slug: "github", by: "consent", tells: true, kinds: ["lasting", "ending"] },
  { slug: "slack", by: "consent", tells: true, kinds: ["lasting"] },
  { slug: "notion", by: "consent", tells: true, kinds: ["lasting", "ending"] },
  { slug: "google-calendar", by: "consent", tells: true, kinds: ["renewable"] },
  { slug: "hubspot", by: "consent", tells: true, kinds: ["renewable"] },
];

export function shapeOf(slug: string): Shape {
  const shape = shapes.find((candidate) => candidate.slug === slug);
  if (!shape) throw new Error(`${slug} is not simulated`);
  return shape;
}

export const manifestsOfShapes = () =>
  shapes.map(({ slug }) => manifests.get(slug)).filter((found) => found !== undefined);
