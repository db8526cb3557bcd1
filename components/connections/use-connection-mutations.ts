"use client";

import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { failureCode } from "@/components/api-client";
import { focusTarget } from "@/components/connectors/focus-target";
import { useOwner } from "@/components/shell/owner";
import { notify } from "@/components/ui/notify";
import type { ConnectionView, Visibility } from "@/lib/api/views";
import { connectionKeys } from "./connection-keys";
import {
  becomeContact,
  changeVisibility,
  disconnectConnection,
  keepAccount,
  makeDefault,
  renameConnection,
  undoDisconnect,
} from "./connections-api";
import { showConnection } from "./show-connection";
import type { ConnectionPages } from "./use-connections";

export type Account = { connection: ConnectionView; connectorName: string; accountName: string };

const withoutConnection = (data: ConnectionPages, id: string): ConnectionPages => ({
  ...data,
  pages: data.pages.map((page) => {
    const kept = page.connections.filter((connection) => connection.id !== id);
    return { ...page, connections: kept, total_count: page.total_count - (page.connections.length - kept.length) };
  }),
});

/** A list that shows tombstones keeps what was disconnected; all others lose it. */
const showsDisconnected = (key: QueryKey) => (key.at(-1) as { status?: string } | undefined)?.status === "disconnected";

/** Until React has drawn what the cache says, in milliseconds. */
const aMoment = 50;

/** What is said of a disconnect, and what takes it back, is one notice. */
const disconnectNotice = (id: string) => `disconnect:${id}`;

/**
 * What a person changes of a connection: shown at once where that is sure, put back when the server refuses, and said
 * aloud.
 */
export function useConnectionMutations() {
  const owner = useOwner();
  const queries = useQueryClient();
  const t = useTranslations("mutations");
  const errors = useTranslations("errors");
  const words = useTranslations("visibility");
  const lists = { queryKey: connectionKeys.lists(owner.id) };

  const refresh = () => queries.invalidateQueries({ queryKey: connectionKeys.all(owner.id) });
  /** The button that was pressed goes away with what it mended: the focus goes to what is left of it. */
  const refreshAndKeepFocus = async (changed: ConnectionView | undefined) => {
    const moveFocus = () => {
      if (changed) focusTarget({ slug: changed.connector, name: "", again: { id: changed.id, account: "" } }, null);
    };
    // Once when what was pressed is gone, and once when what comes into its place has been fetched.
    setTimeout(moveFocus, aMoment);
    await refresh();
    setTimeout(moveFocus, aMoment);
  };
  const sayFailure = (error: unknown, connectorName: string) => {
    const code = failureCode(error);
    if (code !== "owner_mismatch") notify({ kind: "bad", title: errors(code, { name: connectorName }) });
  };

  const show = (changed: ConnectionView) => showConnection(queries, owner.id, changed);

  const undo = useMutation({
    mutationFn: (account: Account) => undoDisconnect(account.connection.id, owner.id),
    onSuccess: (restored, account) => {
      show(restored);
      notify({
        id: disconnectNotice(restored.id),
        kind: "good",
        title: t("restored", { account: account.accountName }),
      });
    },
    onError: (error, account) => sayFailure(error, account.connectorName),
    onSettled: refreshAndKeepFocus,
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
      show(gone);
      const left = gone.undo_until ? Date.parse(gone.undo_until) - Date.now() : 0;
      notify({
        id: disconnectNotice(gone.id),
        kind: "plain",
        title: t("disconnected", { account: account.accountName, name: account.connectorName }),
        detail: t("receipt", { method: gone.oauth_method }),
        link: { label: t("receiptLink"), href: `/connections/${gone.id}` },
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
      show(changed);
      notify({ kind: "good", title: input.label ? t("renamed", { label: input.label }) : t("labelRemoved") });
    },
    onError: (error, input) => sayFailure(error, input.connectorName),
    onSettled: refresh,
  });

  const setDefault = useMutation({
    mutationFn: (account: Account) => makeDefault(account.connection.id, owner.id),
    onSuccess: (changed, account) => {
      show(changed);
      notify({ kind: "good", title: t("isDefault", { account: account.accountName, name: account.connectorName }) });
    },
    onError: (error, account) => sayFailure(error, account.connectorName),
    onSettled: refresh,
  });

  const keep = useMutation({
    mutationFn: ({ connection }: Account) => keepAccount(connection.id, connection.found_account_name ?? "", owner.id),
    onSuccess: (changed, account) => {
      show(changed);
      const found = changed.account_name ?? account.connection.found_account_name ?? account.accountName;
      notify({ kind: "good", title: t("kept", { account: found }) });
    },
    onError: (error, account) => sayFailure(error, account.connectorName),
    onSettled: refreshAndKeepFocus,
  });

  const share = useMutation({
    mutationFn: (input: Account & { visibility: Visibility }) =>
      changeVisibility(input.connection.id, input.visibility, owner.id),
    onSuccess: (changed, input) => {
      show(changed);
      const organization = owner.organizationName ?? words("yourOrganization");
      const key = changed.visibility === "everyone" ? "opened" : "closed";
      notify({ kind: "good", title: t(key, { account: input.accountName, organization }) });
    },
    onError: (error, input) => sayFailure(error, input.connectorName),
    onSettled: refresh,
  });

  const takeOver = useMutation({
    mutationFn: (account: Account) => becomeContact(account.connection.id, owner.id),
    onSuccess: (changed, account) => {
      show(changed);
      notify({ kind: "good", title: t("contact", { account: account.accountName }) });
    },
    onError: (error, account) => sayFailure(error, account.connectorName),
    onSettled: refreshAndKeepFocus,
  });

  return { disconnect, rename, undo, setDefault, keep, share, takeOver };
}
