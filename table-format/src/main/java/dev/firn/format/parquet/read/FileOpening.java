package dev.firn.format.parquet.read;

import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A file whose end is on its way or here. Confined to one thread. Owns what it opens, the allocator
 * included.
 */
final class FileOpening implements AutoCloseable {
  private final Opened opened = new Opened();
  private final BufferAllocator allocator;
  private final Counts counts = new Counts();
  private final ReadSpec spec;
  private final SourceFile file;
  private final @Nullable String key;
  private final @Nullable KeptFooter kept;
  private final Suffix suffix;

  /** Takes {@code allocator} over, also where it fails. */
  FileOpening(ReadSpec spec, BufferAllocator allocator) {
    this.spec = spec;
    this.allocator = opened.add(allocator);
    try {
      this.key = KeptFooter.key(spec.file);
      this.kept = KeptFooter.find(spec.file, key, spec.length);
      long length = kept == null ? spec.length : kept.length();
      this.file = opened.add(SourceFile.open(spec.file, length, counts));
      this.suffix =
          opened.add(
              kept == null
                  ? Suffix.begin(file, spec.tailBytes, allocator)
                  : Suffix.kept(file, kept, allocator));
    } catch (RuntimeException | Error e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  /** Whether {@link #footer} would not wait for a store. */
  boolean isHere() {
    return suffix.isHere();
  }

  /** Waits for the end of the file, and reads the footer in it, unless that was kept. */
  Footer footer() {
    if (kept != null) {
      suffix.sums(kept.footer().sums());
      return kept.footer();
    }
    suffix.await();
    Footer footer = FooterReader.read(file, suffix);
    KeptFooter.keep(spec.file, key, footer, suffix, file.length());
    return footer;
  }

  BufferAllocator allocator() {
    return allocator;
  }

  Counts counts() {
    return counts;
  }

  SourceFile file() {
    return file;
  }

  Suffix suffix() {
    return suffix;
  }

  @Override
  public void close() {
    opened.close();
  }
}
