// Taken by the first real declaration of this target.
