package dev.firn.format.merge;

import java.util.Arrays;

/** The digests of the data pages of one column chunk, in order. A builder. Confined to a thread. */
final class PageDigests {
  private PageDigest.Kind[] kinds = new PageDigest.Kind[16];
  private long[] digests = new long[16];
  private int pages;

  void add(PageDigest.Kind kind, long digest) {
    if (pages == digests.length) {
      kinds = Arrays.copyOf(kinds, 2 * pages);
      digests = Arrays.copyOf(digests, 2 * pages);
    }
    kinds[pages] = kind;
    digests[pages++] = digest;
  }

  int pages() {
    return pages;
  }

  PageDigest.Kind kind(int page) {
    return kinds[page];
  }

  long digest(int page) {
    return digests[page];
  }
}
