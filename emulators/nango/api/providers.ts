import { NangoFault } from "../answers";
import { catalogue, provider, publicProvider } from "../catalogue";
import { apiKeyOrSessionGuard } from "../guard";
import type { App, Standin } from "../standin";

/** The provider catalogue, for API keys and for the Connect UI. */
export function providerRoutes(app: App, nango: Standin): void {
  app.get("/providers", apiKeyOrSessionGuard(nango), (c) => {
    const wanted = c.req.query("search")?.toLowerCase();
    const found = Object.entries(catalogue()).filter(
      ([key, entry]) =>
        !wanted || key.toLowerCase().includes(wanted) || entry.display_name.toLowerCase().includes(wanted),
    );
    return c.json({ data: found.map(([key, entry]) => publicProvider(key, entry, nango.host)) });
  });

  app.get("/providers/:provider", apiKeyOrSessionGuard(nango), (c) => {
    const key = c.req.param("provider");
    const entry = provider(key);
    if (!entry) throw new NangoFault(404, "not_found", `There is no provider "${key}".`);
    return c.json({ data: publicProvider(key, entry, nango.host) });
  });

  // A plain tile with the provider's first letter: the stand-in ships nobody's marks.
  app.get("/images/template-logos/:file", (c) => {
    const key = c.req.param("file").replace(/\.svg$/, "");
    const name = provider(key)?.display_name ?? key;
    const letter = (name.match(/[\p{L}\p{N}]/u)?.[0] ?? "?").toUpperCase();
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#e7e5e4"/>' +
      `<text x="16" y="22" text-anchor="middle" font-family="system-ui,sans-serif" font-size="17" font-weight="600" fill="#44403c">${letter}</text></svg>`;
    return c.body(svg, 200, { "content-type": "image/svg+xml", "cache-control": "public, max-age=86400" });
  });
}
