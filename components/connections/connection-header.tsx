"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { ConnectionStatus } from "@/components/connectors/connection-status";
import { Breakable } from "@/components/ui/breakable";
import { LogoTile } from "@/components/ui/logo-tile";
import type { ConnectionView } from "@/lib/api/views";
import { AccountMenu } from "./account-menu";
import { accountName } from "./account-name";
import type { ConnectorFacts } from "./connection-page";
import { useCondition } from "./use-condition";

/** The mark, whose account it is, at what, and how it stands. */
export function ConnectionHeader({ connection, connector }: { connection: ConnectionView; connector: ConnectorFacts }) {
  const t = useTranslations("accounts");
  const name = accountName(connection, connector.name);
  const { kind, short } = useCondition(connection, connector.name);
  return (
    <header className="mb-5 flex items-start gap-3.5">
      <LogoTile logo={connector.logo} size="lg" eager />
      <div className="min-w-0 flex-1">
        <h1 id="page-title" tabIndex={-1} className="wrap-any text-title font-semibold tracking-[-0.02em] outline-none">
          <Breakable text={name} />
        </h1>
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 text-ink-2">
          {connector.listed ? (
            <Link
              href={`/connectors/${connector.slug}`}
              prefetch={false}
              className="rounded-sm hover:text-ink hover:underline hover:underline-offset-3"
            >
              {connector.name}
            </Link>
          ) : (
            connector.name
          )}
          {connection.label && connection.account_name ? (
            <span className="wrap-any">
              <Breakable text={connection.account_name} />
            </span>
          ) : null}
          {connection.is_default ? <span className="chip">{t("default")}</span> : null}
          <ConnectionStatus kind={kind}>{short}</ConnectionStatus>
        </p>
      </div>
      {connection.can_manage && connection.status !== "disconnected" ? (
        <AccountMenu
          own
          account={{ connection, connectorName: connector.name, accountName: name }}
          revocationUrl={connector.revocationUrl}
        />
      ) : null}
    </header>
  );
}
