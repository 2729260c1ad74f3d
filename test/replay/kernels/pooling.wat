  (func (;maximum_forward_0;) (param i32 i32 i32 i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128)
    local.get 2
    i32.load
    local.set 4
    local.get 2
    i32.load offset=4
    local.set 5
    local.get 0
    local.set 6
    block
      local.get 6
      local.get 1
      i32.ge_s
      br_if 0
      loop
        local.get 6
        local.set 8
        local.get 8
        i32.const 14
        i32.rem_u
        local.set 9
        local.get 8
        i32.const 14
        i32.div_u
        local.set 8
        local.get 4
        local.get 8
        i32.const 3136
        i32.mul
        i32.add
        local.set 10
        local.get 9
        i32.const 2
        i32.mul
        i32.const 0
        i32.sub
        local.set 11
        local.get 10
        local.get 11
        i32.const 112
        i32.mul
        i32.add
        local.set 12
        local.get 5
        local.get 6
        i32.const 56
        i32.mul
        i32.add
        local.set 13
        i32.const 0
        local.set 7
        block
          loop
            local.get 7
            i32.const 10
            local.get 7
            i32.const 10
            i32.lt_s
            select
            local.set 14
            local.get 14
            i32.const 8
            i32.mul
            i32.const 0
            i32.sub
            local.set 15
            local.get 12
            local.get 15
            i32.add
            local.set 16
            local.get 16
            v128.load
            local.set 17
            local.get 16
            v128.load offset=112
            local.set 18
            local.get 17
            local.get 18
            f32x4.pmax
            local.get 18
            local.get 17
            f32x4.pmax
            v128.or
            local.set 19
            local.get 16
            v128.load offset=16
            local.set 20
            local.get 16
            v128.load offset=128
            local.set 21
            local.get 20
            local.get 21
            f32x4.pmax
            local.get 21
            local.get 20
            f32x4.pmax
            v128.or
            local.set 22
            local.get 19
            local.get 22
            i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27
            local.set 23
            local.get 19
            local.get 22
            i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31
            local.set 24
            local.get 23
            local.get 24
            f32x4.pmax
            local.get 24
            local.get 23
            f32x4.pmax
            v128.or
            local.set 25
            local.get 13
            local.get 14
            i32.const 2
            i32.shl
            i32.add
            local.get 25
            v128.store
            local.get 7
            i32.const 4
            i32.add
            local.set 7
            local.get 7
            i32.const 14
            i32.lt_s
            br_if 0
          end
        end
        local.get 6
        i32.const 1
        i32.add
        local.set 6
        local.get 6
        local.get 1
        i32.lt_s
        br_if 0
      end
    end
  )
