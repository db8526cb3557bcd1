"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { failureCode } from "@/components/api-client";
import { useOwner } from "@/components/shell/owner";
import { notify } from "@/components/ui/notify";
import type { ConnectionView } from "@/lib/api/views";
import { connectionKeys } from "./connection-keys";
import { askForCheck } from "./connections-api";
import { showConnection } from "./show-connection";
import { useCondition } from "./use-condition";

/** How often the page reads while it waits for a look, and for how long it waits, in milliseconds. */
const between = 1_000;
const patience = 20_000;

export type CheckNow = { busy: boolean; ask: () => void };

/** Asks for a look at a connection, waits for it, and says what came out. */
export function useCheckNow(connection: ConnectionView, connectorName: string): CheckNow {
  const t = useTranslations("mutations");
  const errors = useTranslations("errors");
  const owner = useOwner();
  const queries = useQueryClient();
  const { id, checked_at, condition } = connection;
  const { cause } = useCondition(connection, connectorName);
  const [waiting, setWaiting] = useState<{ checkedBefore: string | null } | null>(null);

  const request = useMutation({
    mutationFn: () => askForCheck(id, owner.id),
    onMutate: () => setWaiting({ checkedBefore: checked_at }),
    onSuccess: (answered) => {
      showConnection(queries, owner.id, answered);
      // It was looked at just now, so there is nothing to wait for.
      if (answered.condition.code !== "checking") setWaiting({ checkedBefore: null });
    },
    onError: (error) => {
      setWaiting(null);
      const code = failureCode(error);
      if (code !== "owner_mismatch") notify({ kind: "bad", title: errors(code, { name: connectorName }) });
    },
  });

  const asked = waiting !== null;
  useEffect(() => {
    if (!asked) return;
    const read = () => void queries.invalidateQueries({ queryKey: connectionKeys.one(owner.id, id) });
    const reads = setInterval(read, between);
    const limit = setTimeout(() => {
      setWaiting(null);
      notify({ kind: "plain", title: t("checkAsked") });
    }, patience);
    return () => {
      clearInterval(reads);
      clearTimeout(limit);
    };
  }, [asked, queries, owner.id, id, t]);

  const looked = waiting !== null && checked_at !== waiting.checkedBefore && condition.code !== "checking";
  const good = condition.code === "healthy";
  useEffect(() => {
    if (!looked) return;
    setWaiting(null);
    notify({ kind: good ? "good" : "plain", title: t("checked", { cause }) });
  }, [looked, good, cause, t]);

  return {
    busy: asked,
    ask: () => {
      if (!asked) request.mutate();
    },
  };
}
