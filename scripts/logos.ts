/**
 * npm run logos: writes public/logos/<slug>.svg from lib/catalogue/logos.json, which says by hand which mark of which
 * package is the connector's. Every mark is centred in the same square and scaled to about the same optical size, ids are
 * made unique, and nothing but shapes and paints gets through. Removes logos that are no longer listed.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import * as simpleIcons from "simple-icons";
import { z } from "zod";
import { repositoryRoot } from "./manifest-files";

const require = createRequire(import.meta.url);

const sourceSchema = z.strictObject({
  from: z.enum(["iconify-logos", "simple-icons", "letter"]),
  icon: z.string().optional(),
  /** Instead of the brand colour that simple-icons names, where that is too pale for a white tile. */
  color: z
    .string()
    .regex(/^[0-9A-F]{6}$/)
    .optional(),
  /** Only the icon's first shapes, where the brand's name is drawn below its mark. */
  shapes: z.int().positive().optional(),
  /** The part of the icon's own canvas that the mark fills (x, y, width, height), where that is not all of it. */
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
});
const iconifySchema = z.looseObject({
  width: z.number().default(16),
  height: z.number().default(16),
  icons: z.record(
    z.string(),
    z.looseObject({ body: z.string(), width: z.number().optional(), height: z.number().optional() }),
  ),
});

type Mark = { body: string; box: [x: number, y: number, width: number, height: number] };

/** The tile's own units. A square mark fills 46 of 64; long ones may reach 56. */
const side = 64;
const squareMark = 46;
const longest = 56;

const sources = z
  .record(z.string(), sourceSchema)
  .parse(JSON.parse(readFileSync(path.join(repositoryRoot, "lib/catalogue/logos.json"), "utf8")));
const iconify = iconifySchema.parse(
  JSON.parse(readFileSync(require.resolve("@iconify-json/logos/icons.json"), "utf8")),
);
const simple = new Map(Object.values(simpleIcons).map((icon) => [icon.slug, icon]));
const folder = path.join(repositoryRoot, "public/logos");

function markOf(slug: string, source: z.infer<typeof sourceSchema>): Mark {
  if (source.from === "iconify-logos") {
    const icon = iconify.icons[source.icon ?? ""];
    if (!icon) throw new Error(`${slug}: @iconify-json/logos has no icon "${source.icon}"`);
    const body = source.shapes
      ? (icon.body.match(/<path [^>]*\/>/g) ?? []).slice(0, source.shapes).join("")
      : icon.body;
    return { body, box: source.box ?? [0, 0, icon.width ?? iconify.width, icon.height ?? iconify.height] };
  }
  const icon = simple.get(source.icon ?? "");
  if (!icon) throw new Error(`${slug}: simple-icons has no icon "${source.icon}"`);
  return { body: `<path fill="#${source.color ?? icon.hex}" d="${icon.path}"/>`, box: source.box ?? [0, 0, 24, 24] };
}

function drawTile(slug: string, { body, box: [x, y, width, height] }: Mark): string {
  const scale = Math.min(longest / Math.max(width, height), squareMark / Math.sqrt(width * height));
  const round = (value: number) => Number(value.toFixed(3));
  const left = round((side - width * scale) / 2 - x * scale);
  const top = round((side - height * scale) / 2 - y * scale);
  // Ids are global to a document once an SVG is inlined: each logo keeps its own.
  const ids = [...body.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1] ?? "");
  const unique = ids.reduce(
    (text, id, at) =>
      text
        .replaceAll(`id="${id}"`, `id="${slug}-${at}"`)
        .replaceAll(`#${id}"`, `#${slug}-${at}"`)
        .replaceAll(`#${id})`, `#${slug}-${at})`),
    body,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}">` +
    `<g transform="translate(${left} ${top}) scale(${round(scale)})">${unique}</g></svg>\n`
  );
}

mkdirSync(folder, { recursive: true });
const drawn = new Set<string>();
for (const [slug, source] of Object.entries(sources)) {
  if (source.from === "letter") continue;
  writeFileSync(path.join(folder, `${slug}.svg`), drawTile(slug, markOf(slug, source)));
  drawn.add(`${slug}.svg`);
}
for (const name of readdirSync(folder)) if (name.endsWith(".svg") && !drawn.has(name)) rmSync(path.join(folder, name));
console.log(`${drawn.size} logos, ${Object.keys(sources).length - drawn.size} letters`);
