import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { initialLinks } from "@/components/links/initial-links";
import { LinkList } from "@/components/links/link-list";
import { LinksHeader } from "@/components/links/links-header";
import { pageTenant } from "@/lib/auth/page";
import { connectorMarks } from "@/lib/catalogue/connectors";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("links"))("title") };
}

export default async function LinksPage() {
  return (
    <>
      <LinksHeader />
      <LinkList names={connectorMarks()} initial={await initialLinks(await pageTenant())} />
    </>
  );
}
