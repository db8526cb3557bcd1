import { useTranslations } from "next-intl";
import type { Manifest } from "@/lib/catalogue/manifest";

/** What can be done through a connector, each marked as reading or writing, and what it can report. */
export function Abilities({ manifest }: { manifest: Manifest }) {
  const t = useTranslations("abilities");
  const actions = Object.entries(manifest.actions);
  return (
    <>
      <section className="panel" aria-labelledby="abilities-title">
        <div className="panel-title">
          <h2 id="abilities-title">{t("title")}</h2>
          {actions.length > 0 ? <span className="count">{actions.length}</span> : null}
        </div>
        {actions.length === 0 ? (
          <p className="px-4 py-4 text-sm text-ink-2">{t("proxyOnly", { name: manifest.name })}</p>
        ) : (
          <ul>
            {actions.map(([key, action]) => (
              <li key={key} className="flex items-center gap-4 border-b border-line px-4 py-3 last:border-b-0">
                <div className="min-w-0 flex-1">
                  <h3 className="font-medium">{action.name}</h3>
                  <p className="text-xs text-ink-2">{action.description}</p>
                </div>
                <span className="chip">{t(action.read_only ? "reads" : "writes")}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {manifest.triggers.length > 0 ? (
        <section className="panel" aria-labelledby="triggers-title">
          <div className="panel-title">
            <h2 id="triggers-title">{t("triggers")}</h2>
            <span className="count">{manifest.triggers.length}</span>
          </div>
          <ul>
            {manifest.triggers.map((trigger) => (
              <li key={trigger.name} className="border-b border-line px-4 py-3 last:border-b-0">
                <h3 className="font-medium">{trigger.name}</h3>
                <p className="text-xs text-ink-2">{trigger.description}</p>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}
