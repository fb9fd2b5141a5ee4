package dev.firn.bench.commit;

import java.io.IOException;
import java.util.List;
import org.apache.iceberg.DataFile;

/** One side: a table that writers append files to. Closed when it is not needed any more. */
interface Committer extends AutoCloseable {
  /** Returns a writer, for one thread. */
  Writer writer();

  /** Returns the paths of all files in the table, as a catalog opened anew sees it. */
  List<String> paths() throws IOException;

  @Override
  void close() throws IOException;

  /** Appends files, each in a commit of its own. */
  interface Writer {
    /** Returns once the commit is acknowledged, and throws where it was not. */
    void append(DataFile file);
  }
}
