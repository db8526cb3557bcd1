"use client";

import { useQueryClient } from "@tanstack/react-query";
import { CircleAlert, RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { useOwner } from "@/components/shell/owner";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import type { Logo } from "@/components/ui/logo-tile";
import { accountName } from "./account-name";
import { ConditionPanel } from "./condition-panel";
import { ConnectionFacts } from "./connection-facts";
import { ConnectionHeader } from "./connection-header";
import { connectionKeys } from "./connection-keys";
import { LeftPanel } from "./left-note";
import { Permissions } from "./permissions";
import { ReceiptPanel } from "./receipt-panel";
import { Timeline } from "./timeline";
import { useCheckNow } from "./use-check-now";
import { type InitialConnection, useConnection } from "./use-connection";

/** What a connection's page needs of its connector. */
export type ConnectorFacts = {
  slug: string;
  name: string;
  logo: Logo;
  revocationUrl: string | null;
  /** False where the catalogue has no page for it. */
  listed: boolean;
  /** Each scope as the end of "it will ask to …". */
  scopes: Record<string, string>;
  /** Names of the actions by their keys. */
  actions: Record<string, string>;
};

type Props = { connector: ConnectorFacts; initial: InitialConnection };

/** One connection: what is the matter and what to do, what is known of it, what happened to it. Live. */
export function ConnectionPage({ connector, initial }: Props) {
  const t = useTranslations("connections.page");
  const owner = useOwner();
  const queries = useQueryClient();
  const { data, isError, refetch } = useConnection(initial);
  const connection = data ?? initial.connection;
  const check = useCheckNow(connection, connector.name);
  const { id, status, label, is_default, checked_at, condition, receipt } = connection;

  // What changes a connection is in its history as well.
  const { visibility, contact } = connection;
  const version = [
    ...[status, label, is_default, condition.code, checked_at, receipt?.finished_at],
    ...[visibility, contact?.id],
  ].join();
  useEffect(() => {
    if (version) void queries.invalidateQueries({ queryKey: connectionKeys.events(owner.id, id) });
  }, [version, queries, owner.id, id]);

  if (owner.switching) return <ConnectionPageSkeleton label={t("loading")} />;
  const name = accountName(connection, connector.name);
  return (
    <>
      <Breadcrumbs here={name} from="connections" />
      <div>
        <ConnectionHeader connection={connection} connector={connector} />
        {isError ? (
          <div
            role="alert"
            className="mb-[18px] flex flex-wrap items-center gap-3 rounded-[10px] border border-bad-line bg-bad-bg px-4 py-2.5"
          >
            <CircleAlert size={16} aria-hidden="true" className="flex-none text-bad" />
            <p className="flex-1 basis-60">{t("error")}</p>
            <button type="button" className="btn" onClick={() => void refetch()}>
              <RefreshCw size={14} aria-hidden="true" />
              {t("retry")}
            </button>
          </div>
        ) : null}
        <div className="grid items-start gap-x-6 gap-y-[18px] lg:grid-cols-[minmax(0,1fr)_320px] lg:grid-rows-[auto_1fr]">
          <div className="grid gap-[18px] lg:col-start-1">
            <ConditionPanel connection={connection} connectorName={connector.name} check={check} />
            <LeftPanel connection={connection} connectorName={connector.name} />
            {receipt ? <ReceiptPanel connection={connection} receipt={receipt} connector={connector} /> : null}
          </div>
          <div className="grid gap-[18px] lg:col-start-2 lg:row-span-2 lg:row-start-1">
            <ConnectionFacts connection={connection} />
            {status === "disconnected" ? null : <Permissions connection={connection} connector={connector} />}
          </div>
          <div className="lg:col-start-1">
            <Timeline connectionId={id} connectorName={connector.name} />
          </div>
        </div>
      </div>
    </>
  );
}

/** A page to be, in the shape of the page. */
function ConnectionPageSkeleton({ label }: { label: string }) {
  return (
    <div aria-busy="true">
      <p className="sr-only">{label}</p>
      <div aria-hidden="true" className="skeleton mb-3.5 h-5 w-40" />
      <div aria-hidden="true" className="mb-5 flex items-center gap-3.5">
        <div className="skeleton size-[52px]" />
        <div className="grid gap-2">
          <div className="skeleton h-6 w-56" />
          <div className="skeleton h-4 w-36" />
        </div>
      </div>
      <div aria-hidden="true" className="grid gap-x-6 gap-y-[18px] lg:grid-cols-[minmax(0,1fr)_320px]">
        <div className="panel h-40" />
        <div className="panel h-64" />
      </div>
    </div>
  );
}
