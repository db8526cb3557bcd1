"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useConnect } from "@/components/connectors/connect-provider";
import { stateOf } from "@/components/connectors/connect-state";
import { useFailureText } from "@/components/connectors/use-failure-text";
import type { ConnectionView } from "@/lib/api/views";
import { LeftNote } from "./left-note";
import { ReceiptLine } from "./receipt-line";
import { urgencyOf } from "./standing";
import { useCondition } from "./use-condition";

type Props = { connection: ConnectionView; connectorName: string };

/** What else there is to say of a connection in a list: the cause, whom to ask, what a disconnect has done so far. */
export function ConnectionNotes({ connection, connectorName }: Props) {
  const t = useTranslations("accounts");
  const steps = useTranslations("nextSteps");
  const failureText = useFailureText();
  const { state } = useConnect();
  const { condition, kind, cause, values } = useCondition(connection, connectorName);
  const { code, next_step } = condition;
  const own = stateOf(state, connection.id);
  const explains = kind === "needs_attention" || kind === "partial" || kind === "disconnected";
  const ending = code === "expires_soon" && urgencyOf(values.days) !== "calm";
  return (
    <>
      {explains ? <p className="wrap-any text-xs text-ink-2">{cause}</p> : null}
      {ending && next_step === "reconnect" ? <p className="text-xs text-ink-2">{t("endsHint")}</p> : null}
      {next_step === "ask_manager" ? <p className="text-xs text-ink-2">{steps("ask_manager", values)}</p> : null}
      <LeftNote connection={connection} connectorName={connectorName} />
      {connection.receipt ? (
        <ReceiptLine receipt={connection.receipt} connectorName={connectorName} method={connection.oauth_method} />
      ) : null}
      {connection.same_account_as ? (
        <p className="text-xs text-ink-2">
          {t.rich("sameAs", {
            other: (text) => (
              <Link className="link" prefetch={false} href={`/connections/${connection.same_account_as}`}>
                {text}
              </Link>
            ),
          })}
        </p>
      ) : null}
      {own.phase === "failed" ? (
        <p className="wrap-any text-xs font-medium text-bad">{failureText(own.reason, own)}</p>
      ) : null}
    </>
  );
}
