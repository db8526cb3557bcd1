"use client";

import { useTranslations } from "next-intl";
import { flushSync } from "react-dom";
import { Dialog } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
import type { ConnectionView } from "@/lib/api/views";
import { ReconnectButton } from "./reconnect-button";
import { useConditionValues } from "./use-condition";
import { useConnectionMutations } from "./use-connection-mutations";

type Props = { connection: ConnectionView; connectorName: string; onClose: () => void };

/** Another account signed in than before: says what each way out changes, and takes it. */
export function ChooseAccountDialog({ connection, connectorName, onClose }: Props) {
  const t = useTranslations("reconnect.choice");
  const { keep } = useConnectionMutations();
  const values = useConditionValues(connection, connectorName);
  const account = { connection, connectorName, accountName: values.account };
  return (
    <Dialog
      title={t("title")}
      onClose={onClose}
      footer={
        <>
          <button
            type="button"
            className="btn"
            aria-disabled={keep.isPending || undefined}
            onClick={() => {
              if (!keep.isPending) keep.mutate(account, { onSuccess: onClose });
            }}
          >
            {keep.isPending ? <Spinner /> : null}
            {keep.isPending ? t("keeping") : t("keep", values)}
          </button>
          {/* A modal dialog would lie over Nango's frame, so it is gone before the same click opens that. */}
          <ReconnectButton
            connection={connection}
            connectorName={connectorName}
            label={t("again", values)}
            look="solid"
            onPress={() => flushSync(onClose)}
          />
        </>
      }
    >
      <p className="wrap-any">{t("text", values)}</p>
      <p className="wrap-any mt-2">{t("keepChanges", values)}</p>
      <p className="wrap-any mt-2">{t("againChanges", values)}</p>
    </Dialog>
  );
}
