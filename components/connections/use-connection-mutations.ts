"use client";

import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { failureCode } from "@/components/api-client";
import { useOwner } from "@/components/shell/owner";
import { notify } from "@/components/ui/notify";
import type { ConnectionView } from "@/lib/api/views";
import { connectionKeys } from "./connection-keys";
import { disconnectConnection, renameConnection, undoDisconnect } from "./connections-api";
import type { ConnectionPages } from "./use-connections";

export type Account = { connection: ConnectionView; connectorName: string; accountName: string };

const withoutConnection = (data: ConnectionPages, id: string): ConnectionPages => ({
  ...data,
  pages: data.pages.map((page) => {
    const kept = page.connections.filter((connection) => connection.id !== id);
    return { ...page, connections: kept, total_count: page.total_count - (page.connections.length - kept.length) };
  }),
});

const withConnection = (data: ConnectionPages, changed: ConnectionView): ConnectionPages => ({
  ...data,
  pages: data.pages.map((page) => ({
    ...page,
    connections: page.connections.map((connection) => (connection.id === changed.id ? changed : connection)),
  })),
});

/** A list that shows tombstones keeps what was disconnected; all others lose it. */
const showsDisconnected = (key: QueryKey) => (key.at(-1) as { status?: string } | undefined)?.status === "disconnected";

/** Rename, disconnect and its undo: shown at once, put back when the server refuses, and said aloud. */
export function useConnectionMutations() {
  const owner = useOwner();
  const queries = useQueryClient();
  const t = useTranslations("mutations");
  const errors = useTranslations("errors");
  const lists = { queryKey: connectionKeys.lists(owner.id) };

  const refresh = () => queries.invalidateQueries({ queryKey: connectionKeys.all(owner.id) });
  const sayFailure = (error: unknown, connectorName: string) => {
    const code = failureCode(error);
    if (code !== "owner_mismatch") notify({ kind: "bad", title: errors(code, { name: connectorName }) });
  };

  const undo = useMutation({
    mutationFn: (account: Account) => undoDisconnect(account.connection.id, owner.id),
    onSuccess: (_, account) => notify({ kind: "good", title: t("restored", { account: account.accountName }) }),
    onError: (error, account) => sayFailure(error, account.connectorName),
    onSettled: refresh,
  });

  const disconnect = useMutation({
    mutationFn: (account: Account) => disconnectConnection(account.connection.id, owner.id),
    onMutate: async (account) => {
      await queries.cancelQueries(lists);
      const before = queries.getQueriesData<ConnectionPages>(lists);
      for (const [key, data] of before)
        if (data && !showsDisconnected(key)) queries.setQueryData(key, withoutConnection(data, account.connection.id));
      return { before };
    },
    onError: (error, account, context) => {
      for (const [key, data] of context?.before ?? []) queries.setQueryData(key, data);
      sayFailure(error, account.connectorName);
    },
    onSuccess: (gone, account) => {
      const left = gone.undo_until ? Date.parse(gone.undo_until) - Date.now() : 0;
      notify({
        kind: "plain",
        title: t("disconnected", { account: account.accountName, name: account.connectorName }),
        detail: t("receipt"),
        duration: Math.max(6000, left),
        action: left > 0 ? { label: t("undo"), run: () => undo.mutate(account) } : undefined,
      });
    },
    onSettled: refresh,
  });

  const rename = useMutation({
    mutationFn: (input: Account & { label: string | null }) =>
      renameConnection(input.connection.id, input.label, owner.id),
    onSuccess: (changed, input) => {
      for (const [key, data] of queries.getQueriesData<ConnectionPages>(lists))
        if (data) queries.setQueryData(key, withConnection(data, changed));
      notify({ kind: "good", title: input.label ? t("renamed", { label: input.label }) : t("labelRemoved") });
    },
    onError: (error, input) => sayFailure(error, input.connectorName),
    onSettled: refresh,
  });

  return { disconnect, rename };
}
