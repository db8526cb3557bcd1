import type { Logo } from "@/components/ui/logo-tile";

/** A connector as a notice needs it: slug, name, and its letter when it has no mark. All of them travel with every page. */
export type ConnectorEntry = [slug: string, name: string, letter?: string];

/** A connector's name and logo. One that is not among the entries goes by its slug. */
export function connectorOf(entries: ConnectorEntry[], slug: string): { name: string; logo: Logo } {
  const [, name = slug, letter] = entries.find(([each]) => each === slug) ?? [slug, slug, slug.charAt(0).toUpperCase()];
  return { name, logo: letter ? { src: null, letter } : { src: `/logos/${slug}.svg`, letter: name.charAt(0) } };
}
