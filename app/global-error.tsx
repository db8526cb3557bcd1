"use client";

import { FailurePage } from "@/components/shell/failure-page";
import { locale } from "@/i18n/locale";
import "./globals.css";

/** When even the frame of the pages failed. */
export default function GlobalError() {
  return (
    <html lang={locale}>
      <body>
        <FailurePage retry={() => window.location.reload()} />
      </body>
    </html>
  );
}
