"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { ConnectionStatus } from "@/components/connectors/connection-status";
import { useOwner } from "@/components/shell/owner";
import { Avatar } from "@/components/ui/avatar";
import { Breakable } from "@/components/ui/breakable";
import { type Logo, LogoTile } from "@/components/ui/logo-tile";
import { RelativeTime } from "@/components/ui/relative-time";
import type { ConnectionView } from "@/lib/api/views";
import { AccountMenu } from "./account-menu";
import { accountName } from "./account-name";
import { ConnectionNotes } from "./connection-notes";
import { NextStepButton } from "./next-step-button";
import { useCondition } from "./use-condition";
import { VisibilityWords } from "./visibility-words";

export type ConnectorName = {
  name: string;
  logo: Logo;
  revocationUrl: string | null;
  /** It has a page in the catalogue. */
  listed: boolean;
};

type Props = { connections: ConnectionView[]; names: Record<string, ConnectorName> };

/** The role that an element has by itself while it is laid out as a table, and not any more when it is a block. */
const role = (name: "table" | "rowgroup" | "row" | "columnheader" | "cell") => ({ role: name });

/** With their widths in the table, so that filters move nothing; the account has what is left. */
const columns = [
  ["connector", "xl:w-[138px]"],
  ["account", ""],
  ["who", "xl:w-[134px]"],
  ["status", "xl:w-[256px]"],
  ["used", "xl:w-[100px]"],
  ["by", "xl:w-[132px]"],
] as const;

/**
 * One markup for both widths: a table, whose rows become cards where it has no room. The roles are written out because a row
 * that is laid out as a block is no row to a screen reader otherwise.
 */
export function ConnectionsTable({ connections, names }: Props) {
  const t = useTranslations("connections");
  return (
    <table
      {...role("table")}
      aria-label={t("title")}
      className="w-full border-separate border-spacing-0 max-xl:block xl:panel xl:table-fixed"
    >
      <thead {...role("rowgroup")} className="max-xl:sr-only">
        <tr {...role("row")}>
          {columns.map(([column, width]) => (
            <th
              key={column}
              {...role("columnheader")}
              scope="col"
              className={`h-[38px] border-b border-line px-3 text-left text-xs font-medium whitespace-nowrap text-ink-2 first:pl-4 ${width}`}
            >
              {t(`columns.${column}`)}
            </th>
          ))}
          <th {...role("columnheader")} scope="col" className="w-12 border-b border-line">
            <span className="sr-only">{t("columns.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody {...role("rowgroup")} className="max-xl:grid max-xl:gap-3 lg:max-xl:grid-cols-2">
        {connections.map((connection) => (
          <Row key={connection.id} connection={connection} connector={names[connection.connector]} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ connection, connector }: { connection: ConnectionView; connector: ConnectorName | undefined }) {
  const t = useTranslations("connections");
  const owner = useOwner();
  const connectorName = connector?.name ?? connection.connector;
  const name = accountName(connection, connectorName);
  const { kind, short } = useCondition(connection, connectorName);
  const by = connection.connected_by;
  const mark = (
    <>
      <LogoTile logo={connector?.logo ?? { src: null, letter: connectorName.charAt(0) }} size="sm" />
      {connectorName}
    </>
  );
  return (
    <tr
      {...role("row")}
      data-connection={connection.id}
      className="max-xl:panel max-xl:relative max-xl:block max-xl:p-3.5 xl:[&:last-child>td]:border-b-0"
    >
      <Cell className="xl:pl-4">
        {connector?.listed ? (
          <Link
            href={`/connectors/${connection.connector}`}
            className="inline-flex min-h-7 items-center gap-2.5 rounded-md font-medium hover:underline hover:underline-offset-3"
          >
            {mark}
          </Link>
        ) : (
          <span className="inline-flex min-h-7 items-center gap-2.5 font-medium">{mark}</span>
        )}
      </Cell>
      <Cell className="max-xl:mt-2.5">
        <Link
          href={`/connections/${connection.id}`}
          prefetch={false}
          className="wrap-any rounded-sm hover:underline hover:underline-offset-3 max-xl:font-medium"
        >
          <Breakable text={name} />
        </Link>
        {connection.label && connection.account_name ? (
          <span className="wrap-any block text-xs text-ink-2">
            <Breakable text={connection.account_name} />
          </span>
        ) : null}
      </Cell>
      <Cell label={t("columns.who")} className="text-ink-2">
        <VisibilityWords connection={connection} />
      </Cell>
      <Cell label={t("columns.status")}>
        <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1.5">
          <div className="min-w-0 flex-1 basis-32">
            <ConnectionStatus kind={kind}>{short}</ConnectionStatus>
            <ConnectionNotes connection={connection} connectorName={connectorName} />
          </div>
          {/* In the list of what is gone, a button on each would be more noise than help. */}
          {connection.condition.next_step === "connect_again" ? null : (
            <NextStepButton connection={connection} connectorName={connectorName} />
          )}
        </div>
      </Cell>
      <Cell label={t("columns.used")} className="text-ink-2">
        {connection.last_used_at ? (
          <RelativeTime iso={connection.last_used_at} serverNow={owner.serverNow} />
        ) : (
          t("never")
        )}
      </Cell>
      <Cell label={t("columns.by")}>
        <span className="flex items-center gap-2 text-ink-2">
          {by ? <Avatar name={by.name} /> : null}
          <span className="min-w-0 wrap-break-word">
            {by ? (by.left ? t("leftPerson", { person: by.name }) : by.name) : t("nobody")}
          </span>
        </span>
      </Cell>
      <Cell className="max-xl:absolute max-xl:top-2.5 max-xl:right-2.5 xl:pr-2 xl:pl-0">
        {connection.can_manage && connection.status !== "disconnected" ? (
          <AccountMenu
            account={{ connection, connectorName, accountName: name }}
            revocationUrl={connector?.revocationUrl ?? null}
          />
        ) : null}
      </Cell>
    </tr>
  );
}

/** A cell; on small screens a line of the card, with the column's name before it where it needs one. */
function Cell({ label, className = "", children }: { label?: string; className?: string; children: ReactNode }) {
  return (
    <td
      {...role("cell")}
      className={`text-sm max-xl:block xl:h-[51px] xl:border-b xl:border-line xl:px-3 xl:py-2 ${label ? "max-xl:mt-1.5 max-xl:grid max-xl:grid-cols-[6.5rem_minmax(0,1fr)] max-xl:gap-x-2" : ""} ${className}`}
    >
      {label ? (
        <span aria-hidden="true" className="text-ink-3 xl:hidden">
          {label}
        </span>
      ) : null}
      {label ? <div>{children}</div> : children}
    </td>
  );
}
