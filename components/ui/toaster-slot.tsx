"use client";

import { type ComponentType, useEffect, useState } from "react";
import { onToasterRequest } from "./notify";

/** Holds the place of the toaster and loads its code when the first toast is asked for. */
export function ToasterSlot() {
  const [Toaster, setToaster] = useState<ComponentType | null>(null);
  useEffect(
    () =>
      onToasterRequest(() => {
        void import("./toaster").then((module) => setToaster(() => module.Toaster));
      }),
    [],
  );
  return Toaster ? <Toaster /> : null;
}
