package dev.firn;

import dev.firn.scan.Decoding;
import dev.firn.scan.plan.ManifestIndex;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What a lakehouse lends to the scans of its tables. Immutable.
 *
 * @param decoding how files are decoded
 * @param root gives the root allocator, made on first use
 * @param manifests what scans are planned from, shared by all
 */
record ScanResources(Decoding decoding, Supplier<BufferAllocator> root, ManifestIndex manifests) {
  /** Without memory of manifests: every scan reads those that it needs. */
  ScanResources(Decoding decoding, Supplier<BufferAllocator> root) {
    this(decoding, root, ManifestIndex.ofBytes(0));
  }

  BufferAllocator allocator() {
    return root.get();
  }
}
