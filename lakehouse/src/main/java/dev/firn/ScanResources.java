package dev.firn;

import dev.firn.scan.Decoding;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What a lakehouse lends to the scans of its tables. Immutable.
 *
 * @param decoding how files are decoded
 * @param root gives the root allocator, made on first use
 */
record ScanResources(Decoding decoding, Supplier<BufferAllocator> root) {
  BufferAllocator allocator() {
    return root.get();
  }
}
