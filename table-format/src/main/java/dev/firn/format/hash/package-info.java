/** What rows hold, in a number that does not depend on their order or their files. */
@NullMarked
package dev.firn.format.hash;

import org.jspecify.annotations.NullMarked;
