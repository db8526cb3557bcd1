"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { connectionKeys } from "@/components/connections/connection-keys";
import {
  cancelAttempt,
  confirmAttempt,
  fetchAttempt,
  fetchConnection,
  startReconnect,
  startSession,
} from "@/components/connections/connections-api";
import { showConnection } from "@/components/connections/show-connection";
import { useOwner } from "@/components/shell/owner";
import { announce } from "@/components/ui/announcer";
import { notify } from "@/components/ui/notify";
import type { Asked } from "./ask-first";
import { ConnectBar } from "./connect-bar";
import { ConnectFlow } from "./connect-flow";
import { type ConnectCalls, type ConnectState, isBusy, type NangoAddresses } from "./connect-state";
import { focusTarget } from "./focus-target";
import { QuestionsSlot } from "./questions-slot";
import { useFailureText } from "./use-failure-text";
import { useOutcomeWords } from "./use-outcome-words";

const Context = createContext<ConnectFlow | null>(null);
const idle: ConnectState = { phase: "idle" };

/** "Connected" stays long enough to be read, in milliseconds; then the buttons are themselves again. */
const outcomeShown = 4_000;

type Props = {
  children: ReactNode;
  nango: NangoAddresses | null;
  language: string;
  /** What is asked before a direct sign-in, by connector. */
  asked: Record<string, Asked>;
  /** The API to connect by, where it is not the owner's own. Must stay the same from render to render, as must what follows. */
  calls?: ConnectCalls;
  /** After a new account is connected. */
  onConnected?: () => void;
};

/**
 * Holds the one try to connect or reconnect that a page can have, whatever button started it, and says how it stands.
 * What is inside is out of reach for keyboard and pointer while Nango's frame lies over it.
 */
export function ConnectProvider({ children, nango, language, asked, calls, onConnected }: Props) {
  const words = useOutcomeWords();
  const owner = useOwner();
  const queries = useQueryClient();
  const { connectUrl, apiUrl } = nango ?? {};
  // A layout that is drawn again brings the same questions in a new object, which must not end a try.
  const known = useRef(asked);
  useEffect(() => {
    known.current = asked;
  }, [asked]);

  const [flow, setFlow] = useState<ConnectFlow | null>(null);
  useEffect(() => {
    const refresh = () => queries.invalidateQueries({ queryKey: connectionKeys.all(owner.id) });
    const next = new ConnectFlow({
      nango: connectUrl === undefined || apiUrl === undefined ? null : { connectUrl, apiUrl },
      language,
      calls: calls ?? {
        start: (input) => startSession({ ...input, ownerId: owner.id }),
        reconnect: (id) => startReconnect(id, owner.id),
        attempt: fetchAttempt,
        confirm: (id, connectionId) => confirmAttempt(id, connectionId, owner.id),
        cancel: (id, reason) => cancelAttempt(id, reason, owner.id),
        connection: (id) => fetchConnection(id, owner.id),
      },
      asked: (slug) => (Object.hasOwn(known.current, slug) ? known.current[slug] : undefined),
      loadNango: () => import("@nangohq/frontend").then((module) => module.default),
      theme: () => (document.documentElement.classList.contains("dark") ? "dark" : "light"),
      frameTitle: words.frameTitle,
      windowText: words.windowText,
      onConnected: (target, connection) => {
        // With the list the button may turn into another one, or move: the focus goes with it.
        void refresh().then(() => requestAnimationFrame(() => focusTarget(target, next.opener)));
        notify(words.connected(target, connection));
        onConnected?.();
      },
      onChecking: () => void refresh(),
      onChecked: (again, target, connection) => {
        if (connection) showConnection(queries, owner.id, connection);
        void refresh().then(() => requestAnimationFrame(() => focusTarget(target, next.opener)));
        notify(words.checked(again, target, connection));
      },
      onLeft: (again) => notify(words.left(again)),
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
  }, [connectUrl, apiUrl, language, owner.id, queries, words, calls, onConnected]);

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
  const { phase } = state;
  const [target, setTarget] = useState(state.phase === "idle" ? null : state);
  if (state.phase !== "idle" && state !== target) setTarget(state);
  const name = state.phase === "idle" ? "" : state.name;
  useEffect(() => {
    if (phase === "opening" || phase === "waiting" || phase === "finishing" || phase === "checking")
      announce(t(`said.${phase}`, { name }));
  }, [phase, name, t]);
  useEffect(() => {
    // A switched organisation has a dialog of its own.
    if (state.phase === "failed" && state.reason !== "owner_mismatch")
      notify({ kind: "bad", title: failureText(state.reason, state) });
  }, [state, failureText]);

  useEffect(() => {
    if (phase !== "connected") return;
    const timer = setTimeout(() => flow?.dismiss(), outcomeShown);
    return () => clearTimeout(timer);
  }, [phase, flow]);

  // Nango's frame gives the focus to nobody when it goes; back to the button that opened it.
  const [wasCovered, setWasCovered] = useState(false);
  useEffect(() => {
    if (covered) setWasCovered(true);
    else if (wasCovered) {
      setWasCovered(false);
      if (target) focusTarget(target, flow?.opener ?? null);
    }
  }, [covered, wasCovered, target, flow]);

  // The list that comes next may put another element in the button's place: the focus goes over to it.
  useEffect(() => {
    const button = document.activeElement;
    if ((phase !== "connected" && phase !== "checking") || !target || !button || button !== flow?.opener) return;
    const observer = new MutationObserver(() => {
      if (button.isConnected) return;
      observer.disconnect();
      focusTarget(target, null);
    });
    observer.observe(document.body, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [phase, target, flow]);

  return (
    <>
      <div inert={covered} className="contents">
        {children}
      </div>
      {isBusy(state) && flow ? <ConnectBar flow={flow} state={state} /> : null}
      {flow ? <QuestionsSlot flow={flow} /> : null}
    </>
  );
}

function useConnectState(flow: ConnectFlow | null): ConnectState {
  return useSyncExternalStore(flow?.subscribe ?? (() => () => {}), flow?.getState ?? (() => idle), () => idle);
}

/** The page's one try to connect. `start` and `reconnect` must be called in the click itself. */
export function useConnect(): { flow: ConnectFlow | null; state: ConnectState } {
  const flow = useContext(Context);
  return { flow, state: useConnectState(flow) };
}
