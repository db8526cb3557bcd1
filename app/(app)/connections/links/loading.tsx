import { useTranslations } from "next-intl";
import { LinkListSkeleton } from "@/components/links/link-list-skeleton";
import { LinksHeader } from "@/components/links/links-header";

export default function Loading() {
  const t = useTranslations("links");
  return (
    <>
      <LinksHeader />
      <LinkListSkeleton label={t("loading")} />
    </>
  );
}
