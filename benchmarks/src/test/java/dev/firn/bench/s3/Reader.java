package dev.firn.bench.s3;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Side;
import java.util.List;

/** One side's way to read a table. Nothing is kept from one reading to the next. */
interface Reader {
  /** Reads the columns of all rows; the store and the table are opened before the time begins. */
  Side scan(RemoteTable table, List<String> columns);

  /** Opens the store and the table and reads all rows, everything timed. */
  Side openAndScan(RemoteTable table);

  /** Reads the columns, untimed, to tell what was read. */
  Digest digest(RemoteTable table, List<String> columns) throws Exception;
}
