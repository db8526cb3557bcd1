import { LockKeyhole } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";

/** What members see. */
export default function AdminNotFound() {
  const t = useTranslations("admin.notAllowed");
  return (
    <div className="panel mx-auto mt-10 grid max-w-lg justify-items-center gap-1 px-6 py-14 text-center">
      <LockKeyhole size={22} aria-hidden="true" className="mb-2 text-ink-3" />
      <h1 className="text-base font-semibold">{t("title")}</h1>
      <p className="mb-3 max-w-96 text-sm text-ink-2">{t("text")}</p>
      <Link href="/connectors" className="btn">
        {t("back")}
      </Link>
    </div>
  );
}
