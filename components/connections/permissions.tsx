"use client";

import { Check, CircleAlert, Minus } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ConnectionView } from "@/lib/api/views";
import type { ConnectorFacts } from "./connection-page";

type State = "granted" | "missing" | "requested";

const looks = {
  granted: { Icon: Check, colour: "text-good" },
  missing: { Icon: CircleAlert, colour: "text-warn" },
  requested: { Icon: Minus, colour: "text-ink-3" },
} as const;

/** Every permission that was asked for, with what is known of it; then those that were granted without being asked for. */
function states(connection: ConnectionView): [scope: string, state: State][] {
  const { scopes_requested, scopes_granted, scopes_missing } = connection;
  const missing = new Set(scopes_missing);
  const asked = scopes_requested ?? [];
  const more = (scopes_granted ?? []).filter((scope) => !asked.includes(scope));
  const known: State = scopes_granted === null ? "requested" : "granted";
  return [
    ...asked.map((scope): [string, State] => [scope, missing.has(scope) ? "missing" : known]),
    ...more.map((scope): [string, State] => [scope, "granted"]),
  ];
}

type Props = { connection: ConnectionView; connector: ConnectorFacts };

/** What the connection may do at the provider, in the manifest's words, and which actions a missing permission takes away. */
export function Permissions({ connection, connector }: Props) {
  const t = useTranslations("connections.page");
  const scopes = states(connection);
  const { actions_affected, scopes_granted, scopes_missing, scopes_requested } = connection;
  const asked = scopes_requested?.length ?? 0;
  if (scopes.length === 0 && actions_affected.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="permissions-title">
      <div className="panel-title">
        <h2 id="permissions-title">{t("permissions")}</h2>
        <span className="text-xs font-normal text-ink-2">
          {scopes_granted === null
            ? t("requested")
            : scopes_missing.length === 0
              ? t("grantedAll")
              : t("grantedSome", { granted: asked - scopes_missing.length, asked })}
        </span>
      </div>
      <ul>
        {scopes.map(([scope, state]) => (
          <Scope key={scope} words={connector.scopes[scope] ?? scope} state={state} />
        ))}
      </ul>
      {connection.scopes_granted === null && connection.credentials_readable !== false ? (
        <p className="border-t border-line px-4 py-3 text-sm text-ink-2">{t("noneKnown", { name: connector.name })}</p>
      ) : null}
      {actions_affected.length > 0 ? (
        <div className="border-t border-warn-line bg-warn-bg px-4 py-3 text-sm last:rounded-b-[11px]">
          <p>{t("affected")}</p>
          <ul className="mt-1 list-disc pl-4">
            {actions_affected.map((key) => (
              <li key={key} className="wrap-any">
                {connector.actions[key] ?? key}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </section>
  );
}

function Scope({ words, state }: { words: string; state: State }) {
  const t = useTranslations("connections.page");
  const { Icon, colour } = looks[state];
  return (
    <li className="flex gap-2.5 border-b border-line px-4 py-2 text-sm last:border-b-0">
      <Icon size={15} strokeWidth={2.25} aria-hidden="true" className={`mt-[3px] flex-none ${colour}`} />
      <span className="min-w-0 flex-1">
        <span className="wrap-any block first-letter:uppercase">{words}</span>
        {/* What is missing stands out; the others have their state in the picture, and the panel's title sums them up. */}
        <span className={state === "missing" ? "block text-xs font-medium text-warn" : "sr-only"}>{t(state)}</span>
      </span>
    </li>
  );
}
