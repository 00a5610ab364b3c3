// Usage: node read.mjs feedsmith|rss-parser FILE...
// Prints a JSON array: what the reader tells of each feed and of its entries, in one shape for both readers.

import { readFileSync } from "node:fs";
import { parseFeed } from "feedsmith";
import RssParser from "rss-parser";

const SERIES_SCHEME = /:series$/;

const moment = (text) => (text ? new Date(text).toISOString() : null);
const hrefs = (links, rel) => (links ?? []).filter((link) => link.rel === rel).map((link) => link.href);
const media = ({ url, type, length, duration, title }) => ({
  url,
  type: type ?? "",
  length: Number(length ?? 0),
  duration: Number(duration ?? 0),
  title: title ?? "",
});
const mediaObjects = (item) =>
  (item.media?.contents ?? []).map((content) =>
    media({ ...content, length: content.fileSize, title: content.title?.value ?? content.description?.value }),
  );

const feedsmithReaders = {
  atom: (feed) => ({
    feed: {
      title: feed.title.value,
      home: hrefs(feed.links, "alternate")[0],
      self_link: hrefs(feed.links, "self")[0],
      language: feed.xml?.lang,
      id: feed.id,
      updated: moment(feed.updated),
      description: feed.subtitle?.value,
      rights: feed.rights?.value,
      hub: hrefs(feed.links, "hub")[0],
    },
    entries: (feed.entries ?? []).map((entry) => ({
      id: entry.id,
      title: entry.title.value,
      link: hrefs(entry.links, "alternate")[0],
      published: moment(entry.published),
      updated: moment(entry.updated),
      authors: (entry.authors ?? []).map((author) => author.name),
      tags: (entry.categories ?? [])
        .filter((category) => !category.scheme)
        .map((category) => category.label ?? category.term),
      content: entry.content?.value,
      summary: entry.summary?.value,
      enclosures: (entry.links ?? [])
        .filter((link) => link.rel === "enclosure")
        .map((link) => media({ ...link, url: link.href })),
      series: (entry.categories ?? []).find((category) => SERIES_SCHEME.test(category.scheme))?.term,
      language: entry.xml?.lang ?? feed.xml?.lang,
      rights: entry.rights?.value,
      source: [entry.source?.title.value ?? "", hrefs(entry.source?.links, "alternate")[0] ?? ""],
      related: (entry.links ?? [])
        .filter((link) => link.rel === "related")
        .map((link) => [link.href, link.title]),
      media: mediaObjects(entry),
    })),
  }),

  rss: (feed) => ({
    feed: {
      title: feed.title,
      home: feed.link,
      self_link: hrefs(feed.atom?.links, "self")[0],
      language: feed.language,
      updated: moment(feed.lastBuildDate),
      description: feed.description,
      rights: feed.copyright,
      hub: hrefs(feed.atom?.links, "hub")[0],
    },
    entries: (feed.items ?? []).map((item) => ({
      id: item.guid.value,
      title: item.title,
      link: item.link,
      published: moment(item.pubDate),
      updated: moment(item.atom?.updated),
      authors: item.dc?.creators ?? [],
      tags: (item.categories ?? []).filter((category) => !category.domain).map((category) => category.name),
      content: item.content?.encoded,
      summary: item.description,
      enclosures: (item.enclosures ?? []).map(media),
      series: (item.categories ?? []).find((category) => SERIES_SCHEME.test(category.domain))?.name,
      language: item.dc?.languages?.[0],
      rights: item.dc?.rights?.[0],
      source: [item.source?.title ?? "", item.source?.url ?? ""],
      related: (item.atom?.links ?? [])
        .filter((link) => link.rel === "related")
        .map((link) => [link.href, link.title]),
      media: mediaObjects(item),
    })),
  }),

  json: (feed) => ({
    feed: {
      title: feed.title,
      home: feed.home_page_url,
      self_link: feed.feed_url,
      language: feed.language,
      description: feed.description,
      hub: feed.hubs?.[0]?.url,
    },
    entries: (feed.items ?? []).map((item) => ({
      id: item.id,
      title: item.title,
      link: item.url,
      published: moment(item.date_published),
      updated: moment(item.date_modified),
      authors: (item.authors ?? []).map((author) => author.name),
      tags: item.tags ?? [],
      content: item.content_html ?? item.content_text,
      summary: item.summary,
      enclosures: (item.attachments ?? []).map((attachment) =>
        media({
          url: attachment.url,
          type: attachment.mime_type,
          length: attachment.size_in_bytes,
          duration: attachment.duration_in_seconds,
          title: attachment.title,
        }),
      ),
      language: item.language,
      source: ["", item.external_url ?? ""],
    })),
  }),
};

function readWithFeedsmith(text) {
  const { format, feed } = parseFeed(text);
  return feedsmithReaders[format](feed);
}

// rss-parser tells one author and no category of an Atom entry unless it is asked for all of an element's kind.
const rssParser = new RssParser({
  customFields: {
    item: [
      ["dc:creator", "creators", { keepArray: true }],
      ["author", "people", { keepArray: true }],
      ["category", "kinds", { keepArray: true }],
      ["link", "links", { keepArray: true }],
      ["atom:updated", "changed"],
      ["updated", "updated"],
    ],
  },
});

async function readWithRssParser(text) {
  const feed = await rssParser.parseString(text);
  return {
    feed: { title: feed.title, home: feed.link, self_link: feed.feedUrl },
    entries: feed.items.map((item) => {
      const isRss = item.guid !== undefined;
      const attributes = (item.links ?? []).map((link) => link.$ ?? {});
      return {
        id: item.guid ?? item.id,
        title: item.title,
        link: item.link,
        published: moment(item.isoDate),
        updated: moment(item.changed ?? item.updated),
        authors: item.creators ?? (item.people ?? []).map((person) => person.name[0]),
        tags: (item.kinds ?? [])
          .filter((kind) => !kind.$?.domain && !kind.$?.scheme)
          .map((kind) => kind.$?.label ?? kind.$?.term ?? kind),
        content: isRss ? item["content:encoded"] : item.content,
        // Of an RSS description rss-parser makes plain text for showing, as of any HTML.
        summary: isRss ? item.contentSnippet : item.summary,
        enclosures: isRss
          ? [item.enclosure].filter(Boolean).map(media)
          : attributes.filter((link) => link.rel === "enclosure").map((link) => media({ ...link, url: link.href })),
      };
    }),
  };
}

const readers = { feedsmith: readWithFeedsmith, "rss-parser": readWithRssParser };
const [reader, ...paths] = process.argv.slice(2);
const told = await Promise.all(paths.map((path) => readers[reader](readFileSync(path, "utf8"))));
process.stdout.write(JSON.stringify(told));
