"use client";

import type { ConnectionView } from "@/lib/api/views";
import { ChooseAccount } from "./choose-account";
import { ReconnectButton } from "./reconnect-button";

type Props = { connection: ConnectionView; connectorName: string; look?: "outline" | "solid" };

/** The button that makes a live connection work again, where there is one. Kept small: the catalogue loads it. */
export function MendButton(props: Props) {
  switch (props.connection.condition.next_step) {
    case "reconnect":
      return <ReconnectButton {...props} />;
    case "reconnect_or_keep":
      return <ChooseAccount {...props} />;
    default:
      return null;
  }
}
