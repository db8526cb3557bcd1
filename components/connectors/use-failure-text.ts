"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import type { FailureCode } from "@/components/api-client";
import type { ConnectFailure, ConnectTarget } from "./connect-state";

/**
 * A sentence for each way in which a try can fail: what happened and what to do. For a reconnect it says as well that
 * the account is as it was.
 */
export function useFailureText(): (reason: ConnectFailure, target: ConnectTarget) => string {
  const connect = useTranslations("connect");
  const errors = useTranslations("errors");
  const outcomes = useTranslations("outcomes");
  const reconnect = useTranslations("reconnect");
  return useCallback(
    (reason, { name, again }) => {
      if (again) {
        const kind = reason.replace(/^outcome:/, "");
        if (kind === "denied" || kind === "expired") return reconnect(`failed.${kind}`, { name, ...again });
        if (reason === "connect_failed" || reason.startsWith("outcome:"))
          return reconnect("failed.connect_failed", { name, ...again });
        const why = errors(reason as FailureCode, { name });
        return reconnect("failed.error", { why, ...again });
      }
      if (reason === "denied" || reason === "expired" || reason === "connect_failed")
        return connect(`failed.${reason}`, { name });
      if (reason.startsWith("outcome:")) {
        const outcome = reason.slice("outcome:".length) as Parameters<typeof outcomes.has>[0];
        return outcomes.has(outcome) ? outcomes(outcome, { name }) : connect("failed.connect_failed", { name });
      }
      return errors(reason as FailureCode, { name });
    },
    [connect, errors, outcomes, reconnect],
  );
}
