import { brand } from "@/brand";

export const dynamic = "force-static";

/** The site's icon, drawn from the brand's mark so that there is one place to change it. */
export function GET(): Response {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` +
    `<rect width="32" height="32" rx="8" fill="${brand.mark.tile}"/>` +
    `<path transform="translate(4 4)" fill="#fff" fill-rule="evenodd" d="${brand.mark.path}"/></svg>`;
  return new Response(svg, { headers: { "content-type": "image/svg+xml" } });
}
