"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { ConnectionStatus } from "@/components/connectors/connection-status";
import { useOwner } from "@/components/shell/owner";
import { Avatar } from "@/components/ui/avatar";
import { Breakable } from "@/components/ui/breakable";
import { RelativeTime } from "@/components/ui/relative-time";
import type { ConnectionView } from "@/lib/api/views";
import { AccountMenu } from "./account-menu";
import { accountName } from "./account-name";
import { ConnectionNotes } from "./connection-notes";
import { NextStepButton } from "./next-step-button";
import { useCondition } from "./use-condition";
import { VisibilityWords } from "./visibility-words";

type Props = { connection: ConnectionView; connectorName: string; revocationUrl: string | null };

/** One account: whose it is, who may use it, when it was connected and used, and whether it works. */
export function AccountRow({ connection, connectorName, revocationUrl }: Props) {
  const t = useTranslations("accounts");
  const owner = useOwner();
  const name = accountName(connection, connectorName);
  const { kind, short } = useCondition(connection, connectorName);
  const time = (iso: string) => () => <RelativeTime iso={iso} serverNow={owner.serverNow} />;
  return (
    <li
      data-connection={connection.id}
      className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-4 py-2.5 last:border-b-0 sm:items-center"
    >
      <Avatar name={name} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2">
          <Link
            href={`/connections/${connection.id}`}
            prefetch={false}
            className="wrap-any rounded-sm font-semibold hover:underline hover:underline-offset-3"
          >
            <Breakable text={name} />
          </Link>
          {connection.label && connection.account_name ? (
            <span className="wrap-any text-sm text-ink-2">
              <Breakable text={connection.account_name} />
            </span>
          ) : null}
          {connection.is_default ? <span className="chip">{t("default")}</span> : null}
        </p>
        <p className="text-xs text-ink-2">
          <VisibilityWords connection={connection} />
          {" · "}
          {connection.connected_at
            ? t.rich(
                connection.connected_by?.left
                  ? "connectedByLeft"
                  : connection.connected_by
                    ? "connectedBy"
                    : "connectedOn",
                {
                  person: connection.connected_by?.name ?? "",
                  when: time(connection.connected_at),
                },
              )
            : t("notYet")}
          {" · "}
          {connection.last_used_at ? t.rich("used", { when: time(connection.last_used_at) }) : t("neverUsed")}
        </p>
        <p className="sm:hidden">
          <ConnectionStatus kind={kind}>{short}</ConnectionStatus>
        </p>
        <ConnectionNotes connection={connection} connectorName={connectorName} />
      </div>
      <span className="hidden sm:block">
        <ConnectionStatus kind={kind}>{short}</ConnectionStatus>
      </span>
      <div className="empty:hidden max-sm:order-last max-sm:w-full max-sm:pl-9">
        <NextStepButton connection={connection} connectorName={connectorName} />
      </div>
      {connection.can_manage && connection.status !== "disconnected" ? (
        <AccountMenu account={{ connection, connectorName, accountName: name }} revocationUrl={revocationUrl} />
      ) : (
        <span className="w-8" />
      )}
    </li>
  );
}
