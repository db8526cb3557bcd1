"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { connectionKeys } from "@/components/connections/connection-keys";
import { cancelAttempt, confirmAttempt, fetchAttempt, startSession } from "@/components/connections/connections-api";
import { useOwner } from "@/components/shell/owner";
import { announce } from "@/components/ui/announcer";
import { notify } from "@/components/ui/notify";
import { ConnectBar } from "./connect-bar";
import { ConnectFlow } from "./connect-flow";
import { type ConnectState, isBusy } from "./connect-state";
import { useFailureText } from "./use-failure-text";

const Context = createContext<ConnectFlow | null>(null);
const idle: ConnectState = { phase: "idle" };

type Props = { children: ReactNode; connectUrl: string; apiUrl: string; language: string };

/**
 * Holds the one try to connect that a page can have, whatever button started it, and says how it stands.
 * What is inside is out of reach for keyboard and pointer while Nango's frame lies over it.
 */
export function ConnectProvider({ children, connectUrl, apiUrl, language }: Props) {
  const t = useTranslations("connect");
  const owner = useOwner();
  const queries = useQueryClient();

  const [flow, setFlow] = useState<ConnectFlow | null>(null);
  useEffect(() => {
    const next = new ConnectFlow({
      connectUrl,
      apiUrl,
      language,
      calls: {
        start: (input) => startSession({ ...input, ownerId: owner.id }),
        attempt: fetchAttempt,
        confirm: (id, connectionId) => confirmAttempt(id, connectionId, owner.id),
        cancel: (id, reason) => cancelAttempt(id, reason, owner.id),
      },
      loadNango: () => import("@nangohq/frontend").then((module) => module.default),
      theme: () => (document.documentElement.classList.contains("dark") ? "dark" : "light"),
      frameTitle: (name) => t("frame", { name }),
      onConnected: (target, connection) => {
        // With the list the button may turn into another one, or move: the focus goes with it.
        void queries
          .invalidateQueries({ queryKey: connectionKeys.all(owner.id) })
          .then(() => requestAnimationFrame(() => focusConnector(target.slug)));
        const account = connection?.label ?? connection?.account_name;
        notify({
          kind: "good",
          title: account ? t("connectedAs", { name: target.name, account }) : t("connected", { name: target.name }),
        });
      },
    });
    setFlow(next);
    const look = () => next.lookNow();
    window.addEventListener("focus", look);
    const whenIdle = window.requestIdleCallback ?? ((run: () => void) => window.setTimeout(run, 1500));
    whenIdle(() => void next.preload().catch(() => {}));
    return () => {
      window.removeEventListener("focus", look);
      next.dispose();
    };
  }, [connectUrl, apiUrl, language, owner.id, queries, t]);

  return (
    <Context value={flow}>
      <Stage flow={flow}>{children}</Stage>
    </Context>
  );
}

function Stage({ flow, children }: { flow: ConnectFlow | null; children: ReactNode }) {
  const state = useConnectState(flow);
  const covered = isBusy(state) && state.frame;
  const failureText = useFailureText();
  const t = useTranslations("connect");

  // Says each step once. Toasts say the end by themselves.
  const phase = state.phase;
  const name = state.phase === "idle" ? "" : state.name;
  const reason = state.phase === "failed" ? state.reason : null;
  useEffect(() => {
    if (phase === "opening" || phase === "waiting" || phase === "finishing") announce(t(`said.${phase}`, { name }));
    // A switched organisation has a dialog of its own.
    if (reason && reason !== "owner_mismatch") notify({ kind: "bad", title: failureText(reason, name) });
  }, [phase, name, reason, t, failureText]);

  // Nango's frame gives the focus to nobody when it goes; back to the button that opened it.
  const slug = state.phase === "idle" ? null : state.slug;
  const [lastSlug, setLastSlug] = useState<string | null>(null);
  if (slug && slug !== lastSlug) setLastSlug(slug);
  const [wasCovered, setWasCovered] = useState(false);
  useEffect(() => {
    if (covered) setWasCovered(true);
    else if (wasCovered) {
      setWasCovered(false);
      focusConnector(lastSlug);
    }
  }, [covered, wasCovered, lastSlug]);

  // The list that comes next may put another element in the button's place: the focus goes over to it.
  useEffect(() => {
    const button = document.activeElement;
    if (phase !== "connected" || !(button instanceof HTMLElement) || button.dataset.connect !== slug) return;
    const observer = new MutationObserver(() => {
      if (button.isConnected) return;
      observer.disconnect();
      focusConnector(slug);
    });
    observer.observe(document.body, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [phase, slug]);

  return (
    <>
      <div inert={covered} className="contents">
        {children}
      </div>
      {isBusy(state) && flow ? <ConnectBar flow={flow} state={state} /> : null}
    </>
  );
}

/** The button that stands for a connector now: after connecting it may be another one than before. */
function focusConnector(slug: string | null) {
  const active = document.activeElement;
  if (active && active !== document.body && active.tagName !== "IFRAME") return;
  document.querySelector<HTMLElement>(`[data-connect="${slug}"]`)?.focus({ preventScroll: true });
}

function useConnectState(flow: ConnectFlow | null): ConnectState {
  return useSyncExternalStore(flow?.subscribe ?? (() => () => {}), flow?.getState ?? (() => idle), () => idle);
}

/** The page's one try to connect. `start` must be called in the click itself. */
export function useConnect(): { flow: ConnectFlow | null; state: ConnectState } {
  const flow = useContext(Context);
  return { flow, state: useConnectState(flow) };
}
