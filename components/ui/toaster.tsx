"use client";

import { CircleAlert, CircleCheck, Info } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { useEffect } from "react";
import { Toaster as Sonner, toast } from "sonner";
import { attachToaster, type Notice } from "./notify";

const icons = {
  good: <CircleCheck size={17} className="text-good" aria-hidden="true" />,
  bad: <CircleAlert size={17} className="text-bad" aria-hidden="true" />,
  plain: <Info size={17} className="text-ink-3" aria-hidden="true" />,
};

/** Sonner, in the colours of the design. What it shows has been said in the live region already. */
export function Toaster() {
  const t = useTranslations("toast");
  const { resolvedTheme } = useTheme();
  useEffect(() => {
    attachToaster((notice) => {
      toast(notice.title, {
        id: notice.id,
        description: notice.link ? <Details notice={notice} link={notice.link} /> : notice.detail,
        icon: icons[notice.kind],
        duration: notice.duration ?? 6000,
        action: notice.action ? { label: notice.action.label, onClick: notice.action.run } : undefined,
      });
    });
    return () => attachToaster(undefined);
  }, []);
  return (
    <Sonner
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      position="bottom-right"
      containerAriaLabel={t("region")}
      closeButton
      toastOptions={{
        closeButtonAriaLabel: t("close"),
        classNames: {
          toast: "!rounded-xl !border-line !bg-raised !text-ink !shadow-none !font-sans !items-start",
          title: "!text-sm !font-medium",
          description: "!text-sm !text-ink-2",
          closeButton:
            "!border-line !bg-raised !text-ink-2 !size-6 !right-0 !left-auto ![transform:translate(35%,-35%)]",
        },
      }}
    />
  );
}

function Details({ notice, link }: { notice: Notice; link: { label: string; href: string } }) {
  return (
    <>
      {notice.detail}{" "}
      <Link href={link.href} prefetch={false} className="link">
        {link.label}
      </Link>
    </>
  );
}
