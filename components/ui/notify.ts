import { announce } from "./announcer";

export type Notice = {
  /** A notice takes the place of an earlier one of the same name that is still shown. */
  id?: string;
  kind: "good" | "bad" | "plain";
  title: string;
  detail?: string;
  action?: { label: string; run: () => void };
  /** A page of ours that tells more. */
  link?: { label: string; href: string };
  /** Milliseconds on screen; the pointer or the keyboard on it stops the clock. */
  duration?: number;
};

type Show = (notice: Notice) => void;
let show: Show | undefined;
const waiting: Notice[] = [];

/** The toaster calls this when it is there; notices that came before it are shown then. */
export function attachToaster(next: Show | undefined): void {
  show = next;
  if (!show) return;
  for (const notice of waiting.splice(0)) show(notice);
}

/** Shows a toast and says it in the live region. The toaster is loaded with the first one. */
export function notify(notice: Notice): void {
  announce([notice.title, notice.detail].filter(Boolean).join(" "));
  if (show) {
    show(notice);
    return;
  }
  waiting.push(notice);
  requestToaster();
}

let request: (() => void) | undefined;
let requested = false;

function requestToaster() {
  requested = true;
  request?.();
}

/** For components/ui/toaster-slot only: says when the first toast is asked for. */
export function onToasterRequest(listener: () => void): () => void {
  request = listener;
  if (requested) listener();
  return () => {
    request = undefined;
  };
}
