package dev.firn.format.parquet.read;

import dev.firn.format.parquet.checksum.FileSums;
import java.util.List;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.schema.MessageType;

/**
 * What the file's footer says, checked against the file's length, and what the file's parts must
 * sum up to. Immutable.
 *
 * @param createdBy which writer made the file; empty where it does not say
 */
record Footer(MessageType schema, String createdBy, List<Group> groups, FileSums sums) {
  /**
   * A row group.
   *
   * @param index among all of the file
   * @param firstRow the file position of its first row
   * @param start where its first chunk starts
   */
  record Group(int index, long firstRow, long start, BlockMetaData block) {}
}
