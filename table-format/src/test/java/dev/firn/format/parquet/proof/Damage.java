package dev.firn.format.parquet.proof;

import java.util.List;
import java.util.Random;

/** Ways to damage a file, from blind to well-informed. Confined to one thread. */
final class Damage {
  /** Where damage was done, which decides what a reader may answer. */
  enum Place {
    /** Anywhere in the file, the footer among it. */
    FILE,
    /** The footer: what the file says of itself. */
    FOOTER,
    /** A page's header. */
    PAGE_HEADER,
    /** Levels, dictionaries and values, behind compression and checksum. */
    PAGE,
    /** A page as compressed, behind the checksum. */
    COMPRESSED,
    /** A page index or bloom filter. */
    INDEX
  }

  /** A damaged file, and what was done to it; {@code column} is the top-level one, if only one. */
  record Damaged(byte[] bytes, Place place, String column, String what) {}

  private final PageBodies bodies = new PageBodies();
  private String column;

  Damaged of(byte[] sound, Random random) {
    Place place = Place.values()[random.nextInt(Place.values().length)];
    StringBuilder what = new StringBuilder(place.toString());
    column = null;
    ParquetImage image = ParquetImage.parse(sound);
    byte[] bytes =
        switch (place) {
          case FILE -> {
            byte[] damaged = ByteDamage.of(sound, random, what);
            yield random.nextInt(3) == 0 ? ByteDamage.of(damaged, random, what) : damaged;
          }
          case FOOTER -> image.bytes(footer(random, what));
          case PAGE_HEADER -> image.bytes(header(image, random, what));
          case PAGE -> page(image, random, what);
          case COMPRESSED -> compressed(image, random, what);
          case INDEX -> image.bytes(index(image, random, what));
        };
    return new Damaged(bytes, place, column, what.toString());
  }

  private static ParquetImage.Lies footer(Random random, StringBuilder what) {
    return new ParquetImage.Lies() {
      @Override
      public byte[] footer(byte[] footer) {
        byte[] once = CompactTokens.parse(footer).damaged(random, what);
        return random.nextInt(8) == 0 ? ByteDamage.of(once, random, what) : once;
      }
    };
  }

  private ParquetImage.Lies header(ParquetImage image, Random random, StringBuilder what) {
    int chosen = random.nextInt(image.pages().size());
    int first = 0;
    for (ParquetImage.Chunk chunk : image.chunks()) {
      if (chosen >= first && chosen < first + chunk.pages.size()) {
        column = chunk.meta.getPath_in_schema().get(0);
      }
      first += chunk.pages.size();
    }
    what.append(" of page ").append(chosen);
    return new ParquetImage.Lies() {
      @Override
      public byte[] pageHeader(int page, byte[] header) {
        return page == chosen ? CompactTokens.parse(header).damaged(random, what) : header;
      }
    };
  }

  private byte[] page(ParquetImage image, Random random, StringBuilder what) {
    ParquetImage.Chunk chunk = chunk(image, random);
    int index = random.nextInt(chunk.pages.size());
    ParquetImage.Page page = chunk.pages.get(index);
    column = chunk.meta.getPath_in_schema().get(0);
    what.append(' ').append(chunk.meta.getPath_in_schema());
    what.append(chunk.meta.getEncodings()).append(" page ").append(index);
    bodies.close(chunk, page, ByteDamage.of(bodies.open(chunk, page), random, what));
    return image.bytes(ParquetImage.Lies.NONE);
  }

  private byte[] compressed(ParquetImage image, Random random, StringBuilder what) {
    ParquetImage.Chunk chunk = chunk(image, random);
    int index = random.nextInt(chunk.pages.size());
    ParquetImage.Page page = chunk.pages.get(index);
    column = chunk.meta.getPath_in_schema().get(0);
    what.append(' ').append(chunk.meta.getPath_in_schema());
    what.append(' ').append(chunk.meta.getCodec()).append(" page ").append(index);
    page.replace(ByteDamage.of(page.body, random, what), page.header.getUncompressed_page_size());
    return image.bytes(ParquetImage.Lies.NONE);
  }

  private static ParquetImage.Chunk chunk(ParquetImage image, Random random) {
    List<ParquetImage.Chunk> withPages =
        image.chunks().stream().filter(c -> !c.pages.isEmpty()).toList();
    return withPages.get(random.nextInt(withPages.size()));
  }

  private static ParquetImage.Lies index(ParquetImage image, Random random, StringBuilder what) {
    int chosen = random.nextInt(image.chunks().size());
    int kind = random.nextInt(3);
    what.append(List.of(" bloom filter", " column", " offset").get(kind));
    what.append(" of chunk ").append(chosen);
    return new ParquetImage.Lies() {
      @Override
      public byte[] bloom(int chunk, byte[] bloom) {
        return chunk == chosen && kind == 0 ? ByteDamage.of(bloom, random, what) : bloom;
      }

      @Override
      public byte[] columnIndex(int chunk, byte[] index) {
        return chunk == chosen && kind == 1
            ? CompactTokens.parse(index).damaged(random, what)
            : index;
      }

      @Override
      public byte[] offsetIndex(int chunk, byte[] index) {
        return chunk == chosen && kind == 2
            ? CompactTokens.parse(index).damaged(random, what)
            : index;
      }
    };
  }
}
