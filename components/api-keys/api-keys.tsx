"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { lazy, Suspense, useState } from "react";
import type { ConnectorEntry } from "@/components/notices/connector-entry";
import { KeyList } from "./key-list";
import { KeysHeader } from "./keys-header";
import type { InitialKeys } from "./use-keys";

const MakeKeyDialog = lazy(() => import("./make-key-dialog").then((module) => ({ default: module.MakeKeyDialog })));

type Props = {
  initial: InitialKeys;
  /** Names and marks. */
  connectors: ConnectorEntry[];
  /** Slugs of the connectors whose actions a key may be given, in the order to offer them in. */
  offered: string[];
};

/** The keys that the person may see, and the way to a new one. */
export function ApiKeys({ initial, connectors, offered }: Props) {
  const t = useTranslations("apiKeys");
  const [making, setMaking] = useState(false);
  const make = (
    <button type="button" className="btn btn-solid" onClick={() => setMaking(true)}>
      <Plus size={14} aria-hidden="true" />
      {t("make")}
    </button>
  );
  return (
    <>
      <KeysHeader>{make}</KeysHeader>
      <KeyList initial={initial} connectors={connectors} />
      <Suspense>
        {making ? <MakeKeyDialog connectors={connectors} offered={offered} onClose={() => setMaking(false)} /> : null}
      </Suspense>
    </>
  );
}
