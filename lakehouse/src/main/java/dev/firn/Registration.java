package dev.firn;

import dev.firn.catalog.intent.WriteIntent;
import dev.firn.format.write.FileRegistrar;
import java.util.Collection;
import java.util.List;

/**
 * Records a writer's files in the catalog's ledger, and forgets what it removed all of. Borrows the
 * intent.
 */
record Registration(WriteIntent intent) implements FileRegistrar {
  @Override
  public void creating(List<String> locations) {
    intent.creating(locations);
  }

  @Override
  public void removed(Collection<String> locations) {
    intent.removed(locations);
    intent.close();
  }
}
