"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useCallback, useEffect, useMemo, useState, useTransition } from "react";
import type { Asked } from "@/components/connectors/ask-first";
import { ConnectProvider } from "@/components/connectors/connect-provider";
import type { NangoAddresses } from "@/components/connectors/connect-state";
import { callsOfLink } from "./links-api";

type Props = {
  token: string;
  nango: NangoAddresses | null;
  language: string;
  asked: Record<string, Asked>;
  children: ReactNode;
};

/** The one try to connect that the page of a link can have. Once it has brought an account, the page is asked for again. */
export function LinkStage({ token, nango, language, asked, children }: Props) {
  const router = useRouter();
  const calls = useMemo(() => callsOfLink(token), [token]);
  const [connected, setConnected] = useState(false);
  const [refreshing, startRefresh] = useTransition();
  const onConnected = useCallback(() => {
    setConnected(true);
    startRefresh(() => router.refresh());
  }, [router]);
  // The button that had the focus is gone with the page that asked.
  useEffect(() => {
    if (connected && !refreshing && document.activeElement === document.body)
      document.getElementById("page-title")?.focus({ preventScroll: true });
  }, [connected, refreshing]);
  return (
    <ConnectProvider nango={nango} language={language} asked={asked} calls={calls} onConnected={onConnected}>
      {children}
    </ConnectProvider>
  );
}
