import { ChevronDown } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { InitialConnections } from "@/components/connections/use-connections";
import { CodeExample } from "@/components/ui/code-example";
import type { Manifest } from "@/lib/catalogue/manifest";
import { commandFor } from "./action-example";
import { ConnectionIds, Id } from "./connection-ids";

/** `origin`: where the app is, for commands to paste. */
type Props = { manifest: Manifest; origin: string; initial: InitialConnections };

/** What a program needs to use the connector through the API: ids, names of actions, and a first command. */
export function ForDevelopers({ manifest, origin, initial }: Props) {
  const t = useTranslations("developers");
  const actions = Object.entries(manifest.actions);
  return (
    <details className="panel group/developers">
      <summary className="flex min-h-[46px] cursor-pointer items-center justify-between gap-3 rounded-xl px-4 text-sm font-semibold hover:bg-hover [&::-webkit-details-marker]:hidden">
        <h2>{t("title")}</h2>
        <ChevronDown
          size={16}
          aria-hidden="true"
          className="flex-none text-ink-3 transition-transform group-open/developers:rotate-180"
        />
      </summary>
      <div className="grid gap-5 border-t border-line p-4">
        <p className="text-sm text-ink-2">
          {t.rich("lead", {
            keys: (words) => (
              <Link href="/settings/api-keys" prefetch={false} className="link">
                {words}
              </Link>
            ),
          })}
        </p>
        <section aria-labelledby="developers-example">
          <h3 id="developers-example" className="mb-1.5 text-sm font-semibold">
            {t("example")}
          </h3>
          <CodeExample code={commandFor(manifest, origin)} label={t("copyExample")} said={t("exampleCopied")} />
        </section>
        <section aria-labelledby="developers-ids">
          <h3 id="developers-ids" className="mb-1.5 text-sm font-semibold">
            {t("ids")}
          </h3>
          <div className="grid gap-1">
            <Id of={t("connector")} id={manifest.slug} />
            <ConnectionIds slug={manifest.slug} name={manifest.name} initial={initial} />
          </div>
        </section>
        {actions.length > 0 ? (
          <section aria-labelledby="developers-actions">
            <h3 id="developers-actions" className="mb-1.5 text-sm font-semibold">
              {t("actions")}
            </h3>
            <ul className="grid gap-1.5">
              {actions.map(([key, { name, input_schema: input }]) => (
                <li key={key} className="text-sm">
                  <code className="wrap-any font-mono text-xs">{key}</code>
                  <span className="wrap-any block text-xs text-ink-2">
                    {input.required?.length ? t("needs", { action: name, fields: input.required.join(", ") }) : name}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
      </div>
    </details>
  );
}
