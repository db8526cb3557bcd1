"use client";

import { RefreshCw } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useConnect } from "@/components/connectors/connect-provider";
import { stateOf } from "@/components/connectors/connect-state";
import { looks, type StatusKind } from "@/components/connectors/connection-status";
import { useFailureText } from "@/components/connectors/use-failure-text";
import { useOwner } from "@/components/shell/owner";
import { RelativeTime } from "@/components/ui/relative-time";
import { Spinner } from "@/components/ui/spinner";
import type { ConnectionView } from "@/lib/api/views";
import type { ConditionCode } from "@/lib/db/vocabulary";
import { ChooseAccount } from "./choose-account";
import { NextStepButton } from "./next-step-button";
import { ReconnectButton } from "./reconnect-button";
import { urgencyOf } from "./standing";
import type { CheckNow } from "./use-check-now";
import { useCondition } from "./use-condition";

type Props = { connection: ConnectionView; connectorName: string; check: CheckNow };

/** Amber where somebody must do something; an end that is two weeks away is no alarm yet. */
function isLoud(kind: StatusKind, days: number): boolean {
  return kind === "needs_attention" || kind === "partial" || (kind === "expiring" && urgencyOf(days) !== "calm");
}

/** What began at the time that stands under the cause; for what is a moment by itself, the time alone. */
function beginningOf(kind: StatusKind, code: ConditionCode) {
  if (kind === "needs_attention" && code !== "account_mismatch") return "stopped";
  return kind === "checking" ? "looking" : kind === "pending" ? "asked" : "at";
}

/** What is the matter in plain words, since when, whose turn it is, and the next step with its button. */
export function ConditionPanel({ connection, connectorName, check }: Props) {
  const t = useTranslations("connections.page");
  const turns = useTranslations("turns");
  const steps = useTranslations("nextSteps");
  const owner = useOwner();
  const { condition, kind, cause, values } = useCondition(connection, connectorName);
  const { Icon } = looks[kind];
  const { code, since, turn, next_step } = condition;
  const loud = isLoud(kind, values.days);
  const healthy = code === "healthy";
  // Of a connection that works, "since" is when somebody signed in, which the facts say better.
  const showsSince = since && !["healthy", "expires_soon", "scopes_missing"].includes(code);
  return (
    <section
      aria-labelledby="condition-title"
      data-condition={code}
      className={loud ? "rounded-xl border border-warn-line bg-warn-bg" : "panel"}
    >
      <div className="grid gap-3 p-4">
        <div>
          <h2 id="condition-title" className="sr-only">
            {t("matter")}
          </h2>
          <p className="flex items-start gap-2 text-[15px] leading-6 font-semibold">
            <span className={`flex h-6 flex-none items-center ${looks[kind].colour}`}>
              <Icon size={17} strokeWidth={2.25} aria-hidden="true" />
            </span>
            <span className="wrap-any min-w-0">{cause}</span>
          </p>
          {showsSince ? (
            <p className="pl-[25px] text-sm text-ink-2">
              {t.rich(`since.${beginningOf(kind, code)}`, {
                when: () => <RelativeTime iso={since} serverNow={owner.serverNow} />,
              })}
            </p>
          ) : null}
        </div>
        {healthy ? null : (
          <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-sm sm:pl-[25px]">
            <dt className="text-ink-2">{t("turn")}</dt>
            <dd className="wrap-any">{turns(turn, values)}</dd>
            <dt className="text-ink-2">{t("next")}</dt>
            <dd className="wrap-any">
              {next_step === "wait" && turn === "provider" ? t("nextAtProvider", values) : steps(next_step, values)}
            </dd>
          </dl>
        )}
        <Twin connection={connection} />
        <ReconnectFailure connection={connection} />
        <Buttons connection={connection} connectorName={connectorName} check={check} />
      </div>
    </section>
  );
}

function Buttons({ connection, connectorName, check }: Props) {
  const t = useTranslations("connections.page");
  const choice = useTranslations("reconnect.choice");
  const { values } = useCondition(connection, connectorName);
  const { next_step } = connection.condition;
  const checks = connection.can_manage && connection.status !== "disconnected";
  return (
    <div className="flex flex-wrap gap-2 empty:hidden sm:pl-[25px]">
      {next_step === "reconnect_or_keep" ? (
        <>
          <ReconnectButton
            connection={connection}
            connectorName={connectorName}
            label={choice("again", values)}
            look="solid"
          />
          <ChooseAccount connection={connection} connectorName={connectorName} label={choice("keep", values)} />
        </>
      ) : (
        <NextStepButton connection={connection} connectorName={connectorName} look="solid" />
      )}
      {checks ? (
        <button type="button" className="btn" aria-disabled={check.busy || undefined} onClick={check.ask}>
          {check.busy ? <Spinner /> : <RefreshCw size={14} aria-hidden="true" />}
          {t(check.busy ? "checkNowBusy" : "checkNow")}
        </button>
      ) : null}
    </div>
  );
}

/** The last try to sign in again came to nothing: says why, and that nothing has changed. */
function ReconnectFailure({ connection }: { connection: ConnectionView }) {
  const { state } = useConnect();
  const failureText = useFailureText();
  const own = stateOf(state, connection.id);
  if (own.phase !== "failed") return null;
  return <p className="wrap-any text-sm font-medium text-bad sm:pl-[25px]">{failureText(own.reason, own)}</p>;
}

/** The same account at the provider stands behind another connection as well. */
function Twin({ connection }: { connection: ConnectionView }) {
  const t = useTranslations("accounts");
  if (!connection.same_account_as) return null;
  return (
    <p className="text-sm text-ink-2 sm:pl-[25px]">
      {t.rich("sameAs", {
        other: (text) => (
          <Link className="link" prefetch={false} href={`/connections/${connection.same_account_as}`}>
            {text}
          </Link>
        ),
      })}
    </p>
  );
}
