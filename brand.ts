/**
 * What makes this deployment yours: change it here and nowhere else.
 * Safe in the browser. Words other than the name are in messages/<language>.json.
 */

/** Accents that app/globals.css knows, each with a shade for light and for dark. */
type Accent = "indigo" | "blue" | "teal" | "rose" | "graphite";

type Brand = {
  readonly name: string;
  /** Where help is given; null hides the link. */
  readonly supportUrl: string | null;
  /** The mark: one SVG path in a box of 24 by 24, drawn in white on a tile. It is the icon of the site as well. */
  readonly mark: { readonly path: string; readonly tile: string };
  /** The one colour beside the neutral scale: focus rings, links and charts. */
  readonly accent: Accent;
  /** Which connectors the pages show: all, or these slugs only. */
  readonly connectors: "all" | readonly string[];
};

export const brand: Brand = {
  name: "Patchbay",
  supportUrl: null,
  mark: {
    // Two sockets and the cord between them.
    path: "M7 4.5a3 3 0 0 1 1 5.83V12a4 4 0 0 0 8 0v-.33a3 3 0 1 1 2 0V12a6 6 0 0 1-12 0v-1.67A3 3 0 0 1 7 4.5Zm0 2a1 1 0 1 0 0 2 1 1 0 0 0 0-2Zm10 1.34a1 1 0 1 0 0 2 1 1 0 0 0 0-2Z",
    tile: "#4338ca",
  },
  accent: "indigo",
  connectors: "all",
};

/** True when the pages of this deployment show the connector. */
export function showsConnector(slug: string): boolean {
  return brand.connectors === "all" || brand.connectors.includes(slug);
}
